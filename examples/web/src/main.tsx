import './styles/tokens.css';
import './styles/base.css';
import './styles/shell.css';
import './styles/parts.css';
import './styles/pages.css';

import { ApolloProvider } from '@apollo/client/react';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { createClient } from './api/client';
import { App } from './app';
import { loadSettings } from './settings';
import { SignIn } from './signin/msal';

async function start(root: HTMLElement): Promise<void> {
  const settings = await loadSettings();
  const signIn = settings.signIn && new SignIn(settings.signIn);
  await signIn?.resume();
  const client = createClient(settings.endpoint, signIn ? signIn.fetch : (input, init) => fetch(input, init));
  createRoot(root).render(
    <StrictMode>
      <ApolloProvider client={client}>
        <App signIn={signIn} />
      </ApolloProvider>
    </StrictMode>,
  );
}

const root = document.getElementById('root');
if (root) start(root).catch((error: unknown) => { root.textContent = `The page cannot start: ${String(error)}`; });
