// The ready tabs are the files in internal/playground/queries, in the order of their names. The Go tests run the same files.
const queries = import.meta.glob('../../queries/*.graphql', { query: '?raw', import: 'default', eager: true });
const variables = import.meta.glob('../../queries/*.json', { query: '?raw', import: 'default', eager: true });

export const tabs = Object.keys(queries)
  .sort()
  .map((path) => ({
    query: queries[path].trimEnd(),
    variables: variables[path.replace(/\.graphql$/, '.json')]?.trimEnd() ?? '',
  }));
