import { csv } from './model/text.js';

// saveTable lets the browser save a table as CSV.
export function saveTable(table) {
  const url = URL.createObjectURL(new Blob([csv(table.columns, table.rows)], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `portico-${table.name.replace(/[^\w.-]/g, '_')}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
