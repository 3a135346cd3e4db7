import { useGraphiQL, useGraphiQLActions } from '@graphiql/react';

// useOpenTab returns a function that opens a tab with a query and its variables, and shows it.
export function useOpenTab() {
  const { addTab } = useGraphiQLActions();
  const queryEditor = useGraphiQL((state) => state.queryEditor);
  const variableEditor = useGraphiQL((state) => state.variableEditor);
  const { updateActiveTabValues } = useGraphiQLActions();
  return ({ query, variables }) => {
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables);
    updateActiveTabValues({ query, variables });
  };
}

// useShowResponse returns a function that shows a response in the tab in front, as if the server had sent it.
export function useShowResponse() {
  const { updateActiveTabValues } = useGraphiQLActions();
  const editor = useGraphiQL((state) => state.responseEditor);
  return (response) => {
    const text = response === undefined ? '' : JSON.stringify(response, null, 2);
    editor.setValue(text);
    updateActiveTabValues({ response: text });
  };
}
