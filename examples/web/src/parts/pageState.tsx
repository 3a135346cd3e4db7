import type { ReactNode } from 'react';

import type { Asked } from '../api/useAsk';
import { problemAt } from '../api/problems';
import { Notice, ProblemNotice, RetryButton, UnknownNotice } from './notice';
import { Panel, Skeleton } from './section';
import { clockOf } from './time';

type PageStateProps<Value> = {
  asked: Asked<unknown>;
  path: string[];
  value: Value | null | undefined;
  /** The thing that the page is about, as it was searched for. */
  what: string;
  children: (value: Value) => ReactNode;
};

/** Chooses among a page's states: loading, failed, unknown, stale, and there. */
export function PageState<Value>({ asked, path, value, what, children }: PageStateProps<Value>) {
  if (value !== null && value !== undefined) {
    return (
      <>
        <Stale asked={asked} />
        {children(value)}
      </>
    );
  }
  if (asked.arriving) {
    return (
      <Panel title="Looking it up">
        <Skeleton rows={6} what={what} />
      </Panel>
    );
  }
  const problem = problemAt(asked.problems, path) ?? asked.problems[0];
  return (
    <div className="page-notice">
      {problem ? <ProblemNotice problem={problem} retry={asked.retry} /> : <UnknownNotice what={what} />}
    </div>
  );
}

/** Above data that could not be renewed: since when it is shown, and why. */
function Stale({ asked }: { asked: Asked<unknown> }) {
  const problem = asked.problems[0];
  if (!asked.staleSince || !problem) return null;
  return (
    <div className="page-notice">
      <Notice tone="warn" icon="clock" title={`Data of ${clockOf(asked.staleSince)}`} action={<RetryButton wait={problem.wait} retry={asked.retry} />}>
        <p>It could not be renewed, so newer findings may be missing. {problem.code && <code>{problem.code}</code>}</p>
      </Notice>
    </div>
  );
}
