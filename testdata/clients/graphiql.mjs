// GraphiQL's own execution and merge, which its package does not export, with editors that only hold text.
import { createExecutionSlice } from './node_modules/@graphiql/react/dist/stores/execution.js';

export async function runGraphiQL(fetcher, query, variables) {
  const states = [];
  let state = {};
  const set = (change) => Object.assign(state, typeof change === 'function' ? change(state) : change);
  const editor = (text) => ({ getValue: () => text });
  state = createExecutionSlice({ fetcher, fillLeafs: false, getDefaultFieldNames: () => [] })(set, () => state);
  Object.assign(state, {
    queryEditor: editor(query), variableEditor: editor(JSON.stringify(variables)), headerEditor: editor('{}'), queryId: 0,
    responseEditor: { setValue: (text) => text && states.push(JSON.parse(text).data) },
  });
  Object.assign(state.actions, { updateActiveTabValues() {} });
  await state.actions.run();
  return states;
}
