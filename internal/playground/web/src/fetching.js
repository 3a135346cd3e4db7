import costs from 'virtual:costs';

import { annotate } from './model/annotate.js';
import { named } from './model/tabs.js';

// fetching is a fetcher that adds what each field costs to the schema's descriptions, for the docs pane and the editor's tooltips.
// GraphiQL works out the name of the operation a moment after a tab was chosen: until then it is that of the tab before.
export const fetching = (fetcher) => async (parameters, options) => {
  const result = await fetcher({ ...parameters, operationName: named(parameters.query, parameters.operationName) }, options);
  if (result?.data?.__schema) annotate(result.data.__schema, costs);
  return result;
};
