import { DocsFilledIcon, DocsIcon, Spinner, useGraphiQL } from '@graphiql/react';
import { FieldDocumentation, SchemaDocumentation, TypeDocumentation, useDocExplorer, useDocExplorerActions } from '@graphiql/plugin-doc-explorer';
import { isType } from 'graphql';
import { useId, useState } from 'react';

import { searchSchema } from '../model/docs.js';

// The docs pane is GraphiQL's with a search of its own, which shows what people look for.
export const docs = {
  title: 'Documentation Explorer',
  icon: function Icon() {
    return useGraphiQL((state) => state.visiblePlugin) === docs ? <DocsFilledIcon /> : <DocsIcon />;
  },
  content: Pane,
};

function Pane() {
  const stack = useDocExplorer();
  const { pop } = useDocExplorerActions();
  const item = stack.at(-1);
  return (
    <section className="graphiql-doc-explorer" aria-label="Documentation Explorer">
      <div className="graphiql-doc-explorer-header">
        <div className="graphiql-doc-explorer-header-content">
          {stack.length > 1 && (
            <button type="button" className="portico-link" onClick={pop} aria-label={`Go back to ${stack.at(-2).name}`}>
              ‹ {stack.at(-2).name}
            </button>
          )}
          <h2 className="graphiql-doc-explorer-title">{item.name}</h2>
        </div>
      </div>
      <Search key={item.name} within={item.def} />
      <div className="graphiql-doc-explorer-content">
        <Content item={item} atTop={stack.length === 1} />
      </div>
    </section>
  );
}

function Content({ item, atTop }) {
  const schema = useGraphiQL((state) => state.schema);
  const failed = useGraphiQL((state) => state.fetchError);
  if (failed) return <p className="graphiql-doc-explorer-error">Portico did not return the schema. See the response for the reason.</p>;
  if (!schema) return <Spinner />;
  if (atTop) return <SchemaDocumentation schema={schema} />;
  return isType(item.def) ? <TypeDocumentation type={item.def} /> : item.def ? <FieldDocumentation field={item.def} /> : null;
}

function Search({ within }) {
  const schema = useGraphiQL((state) => state.schema);
  const { push } = useDocExplorerActions();
  const [text, setText] = useState('');
  const id = useId();
  const found = text.trim() ? searchSchema(schema, text, within) : [];
  return (
    <search className="portico-search">
      <label htmlFor={id}>Search types and fields</label>
      <input id={id} type="search" value={text} onChange={(event) => setText(event.target.value)} autoComplete="off" />
      {text.trim() && (
        <p role="status" className="portico-quiet">
          {found.length === 0 ? 'Nothing found.' : `${found.length} found`}
        </p>
      )}
      <ul>
        {found.map(({ type, field }) => (
          <li key={`${type.name}.${field?.name ?? ''}`}>
            <button type="button" className="portico-link" onClick={() => push({ name: (field ?? type).name, def: field ?? type })}>
              {field ? `${type.name}.${field.name}` : type.name}
            </button>
          </li>
        ))}
      </ul>
    </search>
  );
}
