import costs from 'virtual:costs';

import { annotate } from '../model/annotate.js';

// annotating is a fetcher that adds what each field costs to the schema's descriptions, for the docs pane and the editor's tooltips.
export const annotating = (fetcher) => async (parameters, options) => {
  const result = await fetcher(parameters, options);
  if (result?.data?.__schema) annotate(result.data.__schema, costs);
  return result;
};
