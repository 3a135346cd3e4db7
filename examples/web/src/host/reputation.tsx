import { webUrl, visible, words } from '../parts/text';
import { Part, Panel } from '../parts/section';
import { meanings, verdictOf, VerdictBadge } from '../parts/verdict';
import type { HostReputationFragment } from '../gql/graphql';
import type { PartOfHost } from './parts';

type Reputed = NonNullable<HostReputationFragment['reputation']>;
type Rule = NonNullable<NonNullable<Reputed['rules']>[number]>;

/** How the host is judged, and by which rules. */
export function Reputation({ asked, reputation }: Pick<PartOfHost, 'asked'> & { reputation: Reputed | null }) {
  return (
    <Panel title="Reputation">
      <Part what="reputation" asked={asked} path={['host', 'reputation']} value={reputation}>
        {(known) => (
          <>
            <div className={`panel-body reputation ${verdictOf(known)}`}>
              <Score verdict={verdictOf(known)} score={known.score} />
              <div>
                <VerdictBadge verdict={verdictOf(known)} />
                <p>{meanings[verdictOf(known)]}</p>
              </div>
            </div>
            <Rules rules={(known.rules ?? []).filter((rule) => rule !== null)} />
          </>
        )}
      </Part>
    </Panel>
  );
}

function Score({ verdict, score }: { verdict: string; score: number | null }) {
  if (score === null || verdict === 'unknown') return null; // a 0 would look like an all-clear
  const turn = 2 * Math.PI * 26;
  return (
    <svg className={`score-ring ${verdict}`} viewBox="0 0 64 64" role="img" aria-label={`Score ${score} of 100`}>
      <circle cx="32" cy="32" r="26" />
      <circle cx="32" cy="32" r="26" className="part" strokeDasharray={`${(turn * score) / 100} ${turn}`} transform="rotate(-90 32 32)" />
      <text x="32" y="38">{score}</text>
    </svg>
  );
}

function Rules({ rules }: { rules: Rule[] }) {
  if (rules.length === 0) return <p className="footnote">No rules are named.</p>;
  return (
    <ul className="rules" aria-label="Rules">
      {rules.map((rule, i) => (
        <li key={i}>
          <span className={`tag ${rule.severity === 'HIGH' ? 'bad' : rule.severity === 'MEDIUM' ? 'warn' : ''}`}>{words(rule.severity ?? 'UNKNOWN')}</span>
          <div>
            <strong>{visible(rule.name ?? 'Unnamed rule')}</strong>
            {rule.description && <p className="quiet">{visible(rule.description)}</p>}
          </div>
          {webUrl(rule.relatedDetailsUrl) && <a href={webUrl(rule.relatedDetailsUrl)} target="_blank" rel="noreferrer noopener">Details</a>}
        </li>
      ))}
    </ul>
  );
}
