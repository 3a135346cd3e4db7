import { useSyncExternalStore } from 'react';

import { signIn, signOut, snapshot, subscribe } from './signin.js';

// Who is signed in, and how to change that.
export function Account() {
  const { available, account, again, problem } = useSyncExternalStore(subscribe, snapshot);
  if (!available) return null;
  return (
    <span className="portico-account">
      {problem && <span role="alert">{problem}</span>}
      {account && <span title={account.username}>{account.name ?? account.username}</span>}
      {!account && <button type="button" className="portico-button" onClick={signIn}>Sign in with Microsoft</button>}
      {account && again !== undefined && <button type="button" className="portico-button" onClick={signIn}>Sign in again</button>}
      {account && <button type="button" className="portico-button" onClick={signOut}>Sign out</button>}
    </span>
  );
}
