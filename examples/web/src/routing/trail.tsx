import { urlOf, type Thing } from './route';

/** The way to this page. Each step is a link back. */
export function Trail({ trail, here, label }: { trail: Thing[]; here: Thing; label?: string | undefined }) {
  return (
    <nav aria-label="Trail">
      <ol className="trail">
        <li><a href="#/">Search</a></li>
        {trail.map((thing, i) => (
          <li key={i}><a href={urlOf(thing, trail.slice(0, i))} title={`${thing.kind} ${thing.id}`}>{labelOf(thing)}</a></li>
        ))}
        <li><span aria-current="page">{label ?? labelOf(here)}</span></li>
      </ol>
    </nav>
  );
}

/** Ids of certificates, articles and profiles say nothing to people. */
export const labelOf = ({ kind, id }: Thing): string =>
  kind === 'host' || kind === 'vulnerability' ? id : `${kind} ${id.slice(0, 8)}…`;
