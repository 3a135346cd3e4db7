import { ResponseEditor, Spinner, useGraphiQL } from '@graphiql/react';
import { Component, lazy, Suspense, useMemo, useRef, useState } from 'react';

import { jobOf } from './jobs.js';
import { askedIds } from './model/asked.js';
import { read } from './model/response.js';
import { typesByPath } from './model/types.js';
import { PagesBar } from './pagesBar.jsx';
import { Problems } from './problems.jsx';

// Each view is loaded when it is opened: the drawing libraries are not part of the page's first load.
const views = [
  { name: 'Table', View: lazy(() => import('./views/table.jsx')) },
  { name: 'Timeline', View: lazy(() => import('./views/timeline.jsx')) },
  { name: 'Graph', View: lazy(() => import('./views/graph.jsx')) },
  { name: 'Cost', View: lazy(() => import('./views/cost.jsx')) },
];
const titles = ['Response', ...views.map((view) => view.name)];

// ResponsePane shows the errors and the warnings of a response, and below them the response, or a view of it.
export function ResponsePane({ response }) {
  const [chosen, setChosen] = useState('Response');
  const fetching = useGraphiQL((state) => state.isFetching);
  const types = useTypes();
  const asked = useAsked();
  const view = views.find((v) => v.name === chosen);
  return (
    <>
      <Problems response={response} />
      <PagesBar />
      <ViewTabs chosen={chosen} onChoose={setChosen} />
      {fetching && <Spinner />}
      <div id="portico-view-Response" role="tabpanel" aria-labelledby="portico-view-tab-Response" className="portico-view" hidden={chosen !== 'Response'}>
        <ResponseEditor />
      </div>
      {view && (
        <div id={`portico-view-${chosen}`} role="tabpanel" aria-labelledby={`portico-view-tab-${chosen}`} tabIndex={0} className="portico-view portico-drawn">
          {response?.data ? (
            <Boundary key={chosen} response={response}>
              <Suspense fallback={<Spinner />}>
                <view.View response={response} types={types} asked={asked} />
              </Suspense>
            </Boundary>
          ) : (
            <p className="portico-empty">{response ? 'The response has no data to draw.' : 'Run a query to see its response here.'}</p>
          )}
        </div>
      )}
    </>
  );
}

// The names of the types are worked out from the query in the editor, which is the response's.
function useTypes() {
  const schema = useGraphiQL((state) => state.schema);
  const document = useGraphiQL((state) => state.documentAST);
  const operationName = useGraphiQL((state) => state.operationName);
  return useMemo(() => typesByPath(schema, document, operationName), [schema, document, operationName]);
}

// The ids that were requested are in the query and in the variables, or in those of all pages.
function useAsked() {
  const document = useGraphiQL((state) => state.documentAST);
  const tab = useGraphiQL((state) => state.tabs[state.activeTabIndex]);
  return useMemo(() => askedIds(document, ...(jobOf(tab)?.map((page) => page.variables) ?? [read(tab?.variables)])), [document, tab]);
}

// One tab is reached with the Tab key, and the others from it with the arrow keys.
function ViewTabs({ chosen, onChoose }) {
  const strip = useRef(null);
  const move = (event) => {
    const at = titles.indexOf(chosen);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: titles.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const title = titles.at(to % titles.length);
    onChoose(title);
    strip.current.querySelector(`#portico-view-tab-${title}`).focus();
  };
  return (
    <div className="portico-view-tabs" role="tablist" aria-label="Views of the response" ref={strip} onKeyDown={move}>
      {titles.map((title) => (
        <button
          key={title}
          type="button"
          role="tab"
          id={`portico-view-tab-${title}`}
          aria-selected={title === chosen}
          aria-controls={title === chosen ? `portico-view-${title}` : undefined}
          tabIndex={title === chosen ? 0 : -1}
          onClick={() => onChoose(title)}
        >
          {title}
        </button>
      ))}
    </div>
  );
}

// Boundary keeps the page when a view cannot draw a response, or cannot be loaded because the server is gone.
class Boundary extends Component {
  state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  componentDidUpdate(before) {
    if (this.state.failed && before.response !== this.props.response) this.setState({ failed: false });
  }

  render() {
    if (!this.state.failed) return this.props.children;
    return <p className="portico-empty">This view cannot draw the response. The Response tab shows it as JSON; to try again, reload the page.</p>;
  }
}
