import { ExecuteButton, HeaderEditor, pick, QueryEditor, Tooltip, UnStyledButton, useDragResize, useGraphiQL, useGraphiQLActions, useMonaco, VariableEditor, Spinner } from '@graphiql/react';
import { DocExplorerStore } from '@graphiql/plugin-doc-explorer';
import { HISTORY_PLUGIN, HistoryStore } from '@graphiql/plugin-history';
import { useEffect, useState } from 'react';

// The package exports its interface only as a whole.
import { Sidebar } from '../node_modules/graphiql/dist/ui/sidebar.js';
import { docs } from './docs/pane.jsx';
import { takesVariables } from './model/tabs.js';
import { ResponsePane } from './responsePane.jsx';
import { TabStrip } from './tabStrip.jsx';
import { CostLine, Toolbar } from './toolbar.jsx';
import { useResponse } from './useResponse.js';

export const plugins = [docs, HISTORY_PLUGIN];
export const referencePlugin = docs;

// Interface is GraphiQL's, put together from its parts: with a tab strip of questions, the cost under the button, and views
// beside the response. The children are at the right end of the head.
export function Interface({ children }) {
  return (
    <HistoryStore>
      <DocExplorerStore>
        <Tooltip.Provider>
          <Layout head={children} />
        </Tooltip.Provider>
      </DocExplorerStore>
    </HistoryStore>
  );
}

function Layout({ head }) {
  const { setVisiblePlugin } = useGraphiQLActions();
  const { visiblePlugin, activeTabIndex, tabs } = useGraphiQL(pick('visiblePlugin', 'activeTabIndex', 'tabs'));
  const plugin = useDragResize({
    defaultSizeRelation: 1 / 3,
    direction: 'horizontal',
    initiallyHidden: visiblePlugin ? undefined : 'first',
    onHiddenElementChange: (hidden) => hidden === 'first' && setVisiblePlugin(null),
    sizeThresholdSecond: 200,
    storageKey: 'docExplorerFlex',
  });
  const editors = useDragResize({ direction: 'horizontal', storageKey: 'editorFlex' });
  const response = useResponse();
  const PluginContent = visiblePlugin?.content;
  return (
    <div className="graphiql-container">
      <Sidebar showPersistHeadersSettings={false} setHiddenElement={plugin.setHiddenElement} />
      <main className="graphiql-main">
        <div ref={plugin.firstRef} className="graphiql-plugin">
          {PluginContent && <PluginContent />}
        </div>
        {visiblePlugin && <div className="graphiql-horizontal-drag-bar" ref={plugin.dragBarRef} />}
        <div ref={plugin.secondRef} className="graphiql-sessions">
          <header className="graphiql-session-header">
            <TabStrip />
            <div className="graphiql-logo">{head}</div>
          </header>
          <div role="tabpanel" id="graphiql-session" aria-labelledby={`graphiql-session-tab-${activeTabIndex}`}>
            <div className="graphiql-editors" ref={editors.firstRef}>
              <Editors tab={tabs[activeTabIndex]} response={response} onReference={() => plugin.setHiddenElement(null)} />
            </div>
            <div className="graphiql-horizontal-drag-bar" ref={editors.dragBarRef} />
            <div className="graphiql-response" ref={editors.secondRef}>
              <ResponsePane response={response} />
            </div>
          </div>
        </div>
      </main>
    </div>
  );
}

function Editors({ tab, response, onReference }) {
  const ready = useMonaco((state) => Boolean(state.monaco));
  const [shown, setShown] = useState('variables');
  const tools = useDragResize({ defaultSizeRelation: 3, direction: 'vertical', sizeThresholdSecond: 60 });
  const { setHiddenElement } = tools;
  const open = tools.hiddenElement !== 'second';
  // The pane is open where there is something to fill in, and shut where it would be empty.
  const wanted = takesVariables(tab?.query);
  useEffect(() => setHiddenElement(wanted ? null : 'second'), [tab?.id, wanted, setHiddenElement]);
  const tool = (name, title) => (
    <UnStyledButton
      type="button"
      aria-expanded={open && shown === name}
      className={open && shown === name ? 'active' : ''}
      onClick={() => {
        setHiddenElement(open && shown === name ? 'second' : null);
        setShown(name);
      }}
    >
      {title}
    </UnStyledButton>
  );
  return (
    <>
      <section className="graphiql-query-editor" aria-label="Operation Editor" ref={tools.firstRef}>
        <div className="graphiql-toolbar" role="toolbar" aria-label="Editor Commands">
          <ExecuteButton />
          <Toolbar response={response} />
        </div>
        <CostLine response={response} />
        {ready ? <QueryEditor onClickReference={onReference} /> : <Spinner />}
      </section>
      <div ref={tools.dragBarRef} className="graphiql-editor-tools">
        {tool('variables', 'Variables')}
        {tool('headers', 'Headers')}
      </div>
      <section className="graphiql-editor-tool" aria-label={shown === 'variables' ? 'Variables' : 'Headers'} ref={tools.secondRef}>
        <VariableEditor className={shown === 'variables' ? '' : 'hidden'} />
        <HeaderEditor className={shown === 'headers' ? '' : 'hidden'} />
      </section>
    </>
  );
}
