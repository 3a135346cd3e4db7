import 'graphiql/style.css';
import 'graphiql/setup-workers/vite';
import './portico.css';

import { GraphiQLProvider } from '@graphiql/react';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createRoot } from 'react-dom/client';

import { Account } from './account.jsx';
import { fetching } from './fetching.js';
import { Interface, plugins, referencePlugin } from './interface.jsx';
import { authorizedFetch } from './signin.js';
import { lastTab, storage } from './storage.js';
import { tabs } from './tabs.js';

// The server writes its settings on the html element: the content security policy allows no inline script.
const { endpoint: url, headers } = document.documentElement.dataset;

const last = lastTab();

// Headers may hold a bearer token, so they are never kept in the browser's storage.
createRoot(document.getElementById('portico')).render(
  <GraphiQLProvider
    fetcher={fetching(createGraphiQLFetcher({ url, fetch: authorizedFetch, enableIncrementalDelivery: true }))}
    defaultTabs={tabs.map((tab) => ({ ...tab, headers }))}
    defaultHeaders={headers}
    initialQuery={last?.query ?? undefined}
    initialVariables={(last ?? tabs[0]).variables ?? ''}
    storage={storage}
    shouldPersistHeaders={false}
    plugins={plugins}
    referencePlugin={referencePlugin}
  >
    <Interface>
      <Account />
      <span className="portico-logo">Portico</span>
    </Interface>
  </GraphiQLProvider>,
);
