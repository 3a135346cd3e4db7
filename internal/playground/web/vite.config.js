import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

import { costs } from './costs.js';

const schema = fileURLToPath(new URL('../../../schema.graphqls', import.meta.url));

export default defineConfig({
  // Relative, so that the page also works below a path of a reverse proxy.
  base: './',
  plugins: [costs(schema, (file) => readFileSync(file, 'utf8'))],
  build: {
    target: 'es2022',
    // Monaco is one chunk of some megabytes, and meant to be.
    chunkSizeWarningLimit: 8000,
    modulePreload: { polyfill: false },
    // The licences of all that is bundled are served beside it.
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      // Libraries mark modules with "use client", which means nothing without a server that renders React.
      onLog(level, log, handle) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log);
      },
    },
  },
  worker: { format: 'es' },
});
