import { useSyncExternalStore } from 'react';

import { Icon } from '../parts/icon';
import type { SignIn } from './msal';

/** Who is signed in, and the buttons to sign in and out. */
export function Account({ signIn }: { signIn: SignIn }) {
  const { account, again, problem } = useSyncExternalStore(signIn.subscribe, signIn.snapshot);
  return (
    <>
      {problem && <span role="alert" className="tag bad" title={problem}>Signing in failed</span>}
      {account && <span title={account.username}>{account.name}</span>}
      {(!account || again) && (
        <button type="button" className="button primary" onClick={() => void signIn.signIn()}>
          <Icon name="lock" /> {again ? 'Sign in again' : 'Sign in'}
        </button>
      )}
      {account && <button type="button" className="button" onClick={() => void signIn.signOut()}>Sign out</button>}
    </>
  );
}
