import { defineConfig } from 'vite';

// `npm run dev` and `npm run preview` serve the page, and send its requests to the Portico at this address.
const portico = process.env['PORTICO_URL'] ?? 'http://127.0.0.1:8080';
const proxy = { '/graphql': { target: portico, changeOrigin: true } };

export default defineConfig({
  base: './', // the page can be served below any path
  server: { host: '127.0.0.1', port: 5173, proxy },
  preview: { host: '127.0.0.1', port: 4173, proxy },
  build: {
    target: 'es2022',
    chunkSizeWarningLimit: 700, // React, Apollo Client and graphql in one
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // the content security policy allows no data: URLs
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      onLog(level, log, handle) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') handle(level, log); // "use client" means nothing here
      },
    },
  },
});
