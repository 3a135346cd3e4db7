import { useEffect, useState, type ReactNode } from 'react';

import type { Kind, Problem } from '../api/problems';
import { Icon, type IconName } from './icon';
import { visible } from './text';
import { lengthOf } from './time';

type NoticeProps = { tone: 'plain' | 'warn' | 'bad' | 'unknown'; icon: IconName; title: string; children?: ReactNode; action?: ReactNode };

/** A state in words: what it is, what it means, and what to do. */
export function Notice({ tone, icon, title, children, action }: NoticeProps) {
  return (
    <div className={`notice ${tone}`} role={tone === 'bad' || tone === 'warn' ? 'alert' : undefined}>
      <Icon name={icon} />
      <div>
        <p className="notice-title">{title}</p>
        {children && <div className="notice-text">{children}</div>}
      </div>
      {action}
    </div>
  );
}

type Words = { tone: NoticeProps['tone']; icon: IconName; title: string; text: string };

/** What each kind of problem looks like. None of them says anything about the indicator itself. */
const states: Record<Kind, Words> = {
  forbidden: { tone: 'warn', icon: 'lock', title: 'You do not have access to this', text: 'Your account or your license does not include this data. This says nothing about the indicator.' },
  signedOut: { tone: 'warn', icon: 'lock', title: 'Sign in to see this', text: 'Your session has expired, or your organization requires another sign-in.' },
  throttled: { tone: 'warn', icon: 'clock', title: 'Too many requests', text: 'Microsoft Graph or Portico requires a pause. This says nothing about the indicator.' },
  unavailable: { tone: 'bad', icon: 'cloud', title: 'Not available at the moment', text: 'The data could not be fetched. This says nothing about the indicator.' },
  wrongInput: { tone: 'bad', icon: 'unknown', title: 'This cannot be looked up', text: '' },
  unreadable: { tone: 'warn', icon: 'suspicious', title: 'This cannot be read', text: 'Microsoft Graph sent a value that is not valid.' },
  tooMuch: { tone: 'warn', icon: 'suspicious', title: 'Too much at once', text: 'Request less at a time.' },
  other: { tone: 'bad', icon: 'cloud', title: 'Something went wrong', text: 'Try again. If it happens again, report it with the details.' },
};

/** Explains a problem, and offers another attempt after the pause that is required. Most hints are for administrators. */
export function ProblemNotice({ problem, retry }: { problem: Problem; retry: () => void }) {
  const { tone, icon, title, text } = states[problem.kind];
  return (
    <Notice tone={tone} icon={icon} title={title} action={<RetryButton key={problem.message} wait={problem.wait} retry={retry} />}>
      {text && <p>{text}</p>}
      {problem.hint && problem.kind === 'wrongInput' && <p>{visible(problem.hint)}</p>}
      <details>
        <summary>Details</summary>
        <p className="mono">{problem.code && `${problem.code}: `}{visible(problem.message)}</p>
        {problem.hint && <p>{visible(problem.hint)}</p>}
      </details>
    </Notice>
  );
}

export function RetryButton({ wait, retry }: { wait: number; retry: () => void }) {
  const [left, setLeft] = useState(wait);
  useEffect(() => {
    if (left <= 0) return undefined;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return (
    <button type="button" className="button" onClick={retry} disabled={left > 0}>
      <Icon name="retry" /> {left > 0 ? `Try again in ${lengthOf(left)}` : 'Try again'}
    </button>
  );
}

/** Shown where Microsoft Graph knows nothing at all. */
export function UnknownNotice({ what, children }: { what: string; children?: ReactNode }) {
  return (
    <Notice tone="unknown" icon="unknown" title={`${what} is not known to Microsoft`}>
      <p>Unknown does not mean harmless: new and rarely used infrastructure looks like this.</p>
      {children}
    </Notice>
  );
}
