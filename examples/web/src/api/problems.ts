import { CombinedGraphQLErrors } from '@apollo/client/errors';

/** What a person can do about an error: all that the page distinguishes. */
export type Kind = 'forbidden' | 'signedOut' | 'throttled' | 'unavailable' | 'wrongInput' | 'unreadable' | 'tooMuch' | 'other';

export type Problem = {
  kind: Kind;
  /** Code of Portico's documentation, such as `UPSTREAM_FORBIDDEN`; empty if Portico did not respond. */
  code: string;
  message: string;
  hint: string;
  path: readonly (string | number)[];
  /** Seconds to wait before the next attempt; 0: unknown. */
  wait: number;
};

const kinds: Record<string, Kind> = {
  FORBIDDEN: 'forbidden', UPSTREAM_FORBIDDEN: 'forbidden',
  UNAUTHENTICATED: 'signedOut', CLAIMS_CHALLENGE: 'signedOut',
  RATE_LIMITED: 'throttled', UPSTREAM_THROTTLED: 'throttled', OVERLOADED: 'throttled', NOT_READY: 'throttled',
  UPSTREAM_UNAVAILABLE: 'unavailable', UPSTREAM_FAILED: 'unavailable', UPSTREAM_BAD_RESPONSE: 'unavailable',
  UPSTREAM_AUTH: 'unavailable', DEADLINE_EXCEEDED: 'unavailable',
  BAD_ID: 'wrongInput', BAD_USER_INPUT: 'wrongInput', LIMIT_VALUE: 'wrongInput',
  UPSTREAM_INVALID_VALUE: 'unreadable',
  LIMIT_UPSTREAM_REQUESTS: 'tooMuch', LIMIT_IDS: 'tooMuch', LIMIT_RESPONSE: 'tooMuch', LIMIT_FIRST: 'tooMuch',
};

/** Branches on codes alone: messages are for people, and may change. */
export function kindOf(code: string): Kind {
  return kinds[code] ?? 'other';
}

/** Returns the problems of a failed or partial response. */
export function problemsOf(error: unknown): Problem[] {
  if (!error) return [];
  if (CombinedGraphQLErrors.is(error)) return error.errors.map(fromGraphQL);
  const message = error instanceof Error ? error.message : String(error);
  return [{ kind: 'unavailable', code: '', message, hint: '', path: [], wait: 0 }];
}

function fromGraphQL(error: CombinedGraphQLErrors['errors'][number]): Problem {
  const { code, hint, retryAfterSeconds } = (error.extensions ?? {}) as { code?: string; hint?: string; retryAfterSeconds?: number };
  return {
    kind: kindOf(code ?? ''), code: code ?? '', message: error.message, hint: hint ?? '',
    path: error.path ?? [], wait: retryAfterSeconds ?? 0,
  };
}

const startsWith = (path: Problem['path'], prefix: Problem['path']) => prefix.every((part, i) => path[i] === part);

/** The problem that made the value at a path null: its own, or that of something above it. */
export function problemAt(problems: Problem[], path: Problem['path']): Problem | undefined {
  return problems.find((problem) => startsWith(path, problem.path));
}

/** The problems of values below a path. */
export function problemsBelow(problems: Problem[], path: Problem['path']): Problem[] {
  return problems.filter((problem) => problem.path.length > path.length && startsWith(problem.path, path));
}
