import { useId, type ReactNode } from 'react';

import type { Asked } from '../api/useAsk';
import { valueAt } from '../api/memory';
import { problemAt, problemsBelow } from '../api/problems';
import { Notice, ProblemNotice } from './notice';
import { count } from './text';
import { clockOf } from './time';

/** The heading and the frame of a part of a page. */
export function Panel({ title, note, wide, children }: { title: string; note?: ReactNode; wide?: boolean; children: ReactNode }) {
  const id = useId();
  return (
    <section className={wide ? 'panel wide' : 'panel'} aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id}>{title}</h2>
        {note && <span className="quiet">{note}</span>}
      </header>
      {children}
    </section>
  );
}

export function Skeleton({ rows = 3, what }: { rows?: number; what: string }) {
  return (
    <div className="skeleton" role="status">
      <span className="unseen">Loading {what}…</span>
      {Array.from({ length: rows }, (_, i) => <span key={i} className="bar" />)}
    </div>
  );
}

type PartProps<Value> = {
  /** What is shown, for the sentences about its state: "open ports". */
  what: string;
  asked: Pick<Asked<unknown>, 'arriving' | 'whole' | 'problems' | 'retry'>;
  path: (string | number)[];
  /** undefined: it has not arrived. */
  value: Value | null | undefined;
  rows?: number;
  children: (value: Value) => ReactNode;
};

/**
 * Shows a value that arrives by @defer: a skeleton, then the value, or why there is none. A null is unknown only when all has
 * arrived, since the cache keeps the null of a field that failed. A value that cannot be renewed stays, and is marked.
 */
export function Part<Value>({ what, asked, path, value, rows = 3, children }: PartProps<Value>) {
  const problem = problemAt(asked.problems, path);
  const earlier = valueAt(asked.whole?.data, path) as Value | null | undefined;
  if (value !== undefined && value !== null) {
    return (
      <>
        {children(value)}
        <Unreadable what={what} n={problemsBelow(asked.problems, path).length} />
      </>
    );
  }
  if (problem && asked.whole && earlier) {
    return (
      <>
        <p className="footnote warn">As of {clockOf(asked.whole.at)}: the {what} could not be renewed, and newer findings may be missing. <code>{problem.code}</code></p>
        {children(earlier)}
      </>
    );
  }
  if (problem) return <ProblemNotice problem={problem} retry={asked.retry} />;
  if (asked.arriving) return <Skeleton rows={rows} what={what} />;
  if (value === undefined) return <ProblemNotice problem={missing(what)} retry={asked.retry} />;
  return (
    <Notice tone="unknown" icon="unknown" title={`Microsoft has no data about the ${what}`}>
      <p>That is not a sign of safety.</p>
    </Notice>
  );
}

const missing = (what: string) =>
  ({ kind: 'unavailable', code: '', message: `The response has no ${what}.`, hint: '', path: [], wait: 0 }) as const;

function Unreadable({ what, n }: { what: string; n: number }) {
  if (n === 0) return null;
  return <p className="footnote warn">{count(n, 'value')} of the {what} could not be read, and {n === 1 ? 'is' : 'are'} left out.</p>;
}

export function Empty({ children }: { children: ReactNode }) {
  return <Notice tone="plain" icon="empty" title="None seen"><p>{children}</p></Notice>;
}
