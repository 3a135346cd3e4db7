import 'graphiql/style.css';
import 'graphiql/setup-workers/vite';
import './portico.css';

import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { GraphiQL } from 'graphiql';
import { createRoot } from 'react-dom/client';

import { storage } from './storage.js';
import { tabs } from './tabs.js';

// The server writes its endpoint on the html element: the content security policy allows no inline script.
const url = document.documentElement.dataset.endpoint;

// Headers may hold a bearer token, so they are never kept in the browser's storage.
createRoot(document.getElementById('portico')).render(
  <GraphiQL
    fetcher={createGraphiQLFetcher({ url, enableIncrementalDelivery: true })}
    defaultTabs={tabs}
    storage={storage}
    shouldPersistHeaders={false}
    isHeadersEditorEnabled
  >
    <GraphiQL.Logo>
      <span className="portico-logo">Portico</span>
    </GraphiQL.Logo>
  </GraphiQL>,
);
