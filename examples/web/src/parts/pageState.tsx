import type { ReactNode } from 'react';

import type { Asked } from '../api/useAsk';
import { problemAt } from '../api/problems';
import { Notice, ProblemNotice, RetryButton, UnknownNotice } from './notice';
import { Panel, Skeleton } from './section';
import { clockOf, lengthOf } from './time';

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

/** Portico served data from its cache that was past its time, while Microsoft Graph fails or until it is renewed. */
function StaleInPortico({ seconds, retry }: { seconds: number; retry: () => void }) {
  return (
    <div className="page-notice">
      <Notice tone="warn" icon="clock" title={`Some data is up to ${lengthOf(seconds)} old`} action={<RetryButton wait={0} retry={retry} />}>
        <p>Portico showed what it had in its cache. Newer findings may be missing.</p>
      </Notice>
    </div>
  );
}

/** Above data that could not be renewed: since when it is shown, and why. */
function Stale({ asked }: { asked: Asked<unknown> }) {
  const problem = asked.problems[0];
  const { cacheStale = 0, cacheAgeSeconds = 0 } = asked.extensions.upstream ?? {};
  if (!asked.stale || !asked.whole || !problem) return cacheStale > 0 ? <StaleInPortico seconds={cacheAgeSeconds} retry={asked.retry} /> : null;
  return (
    <div className="page-notice">
      <Notice tone="warn" icon="clock" title={`Data of ${clockOf(asked.whole.at)}`} action={<RetryButton wait={problem.wait} retry={asked.retry} />}>
        <p>It could not be renewed, so newer findings may be missing. {problem.code && <code>{problem.code}</code>}</p>
      </Notice>
    </div>
  );
}
