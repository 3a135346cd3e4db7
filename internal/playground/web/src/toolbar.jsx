import { CopyIcon, MergeIcon, PrettifyIcon, KEY_MAP, ToolbarButton, useGraphiQL, useGraphiQLActions } from '@graphiql/react';
import { lazy, Suspense, useState } from 'react';

import { costLine } from './model/cost.js';
import { tables } from './model/table.js';
import { saveTable } from './save.js';

const Paste = lazy(() => import('./paste.jsx'));

export function Toolbar({ response }) {
  const { copyQuery, prettifyEditors, mergeQuery } = useGraphiQLActions();
  const [pasting, setPasting] = useState(false);
  const list = tables(response)[0];
  return (
    <>
      <button type="button" className="portico-button" onClick={() => setPasting(true)}>
        Paste indicators
      </button>
      <button type="button" className="portico-button" disabled={!list} title={list ? `Save ${list.name} (${list.rows.length} rows)` : 'The response has no list'} onClick={() => saveTable(list)}>
        Save CSV
      </button>
      <span className="portico-space" />
      <ToolbarButton onClick={prettifyEditors} label={`Prettify query (${KEY_MAP.prettify.key})`}>
        <PrettifyIcon className="graphiql-toolbar-icon" aria-hidden="true" />
      </ToolbarButton>
      <ToolbarButton onClick={mergeQuery} label={`Merge fragments into query (${KEY_MAP.mergeFragments.key})`}>
        <MergeIcon className="graphiql-toolbar-icon" aria-hidden="true" />
      </ToolbarButton>
      <ToolbarButton onClick={copyQuery} label={`Copy query (${KEY_MAP.copyQuery.key})`}>
        <CopyIcon className="graphiql-toolbar-icon" aria-hidden="true" />
      </ToolbarButton>
      {pasting && (
        <Suspense>
          <Paste onClose={() => setPasting(false)} />
        </Suspense>
      )}
    </>
  );
}

export function CostLine({ response }) {
  const fetching = useGraphiQL((state) => state.isFetching);
  return (
    <p className="portico-cost-line" role="status">
      {fetching ? 'Running…' : costLine(response)}
    </p>
  );
}
