import { blank } from './model/tabs.js';

// The ready tabs are the files in internal/playground/queries, in the order of their names. The Go tests run the same files.
const queries = import.meta.glob('../../queries/*.graphql', { query: '?raw', import: 'default', eager: true });
const variables = import.meta.glob('../../queries/*.json', { query: '?raw', import: 'default', eager: true });

// Only the emulator knows the ids in the files.
const emulator = document.documentElement.dataset.emulator === 'true';

export const tabs = Object.keys(queries)
  .sort()
  .map((path) => {
    const query = queries[path].trimEnd();
    const known = variables[path.replace(/\.graphql$/, '.json')]?.trimEnd() ?? '';
    return { query, variables: emulator ? known : blank(query, known) };
  });
