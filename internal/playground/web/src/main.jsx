import 'graphiql/style.css';
import 'graphiql/setup-workers/vite';
import './portico.css';

import { GraphiQLProvider } from '@graphiql/react';
import { createGraphiQLFetcher } from '@graphiql/toolkit';
import { createRoot } from 'react-dom/client';

import { annotating } from './docs/annotate.js';
import { Interface, plugins, referencePlugin } from './interface.jsx';
import { storage, stored } from './storage.js';
import { tabs } from './tabs.js';

// The server writes its endpoint on the html element: the content security policy allows no inline script.
const url = document.documentElement.dataset.endpoint;

// Headers may hold a bearer token, so they are never kept in the browser's storage.
createRoot(document.getElementById('portico')).render(
  <GraphiQLProvider
    fetcher={annotating(createGraphiQLFetcher({ url, enableIncrementalDelivery: true }))}
    defaultTabs={tabs}
    initialVariables={stored() ? undefined : tabs[0].variables}
    storage={storage}
    shouldPersistHeaders={false}
    plugins={plugins}
    referencePlugin={referencePlugin}
  >
    <Interface>
      <span className="portico-logo">Portico</span>
    </Interface>
  </GraphiQLProvider>,
);
