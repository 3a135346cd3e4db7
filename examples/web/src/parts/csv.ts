import { visible } from './text.ts';

/** What spreadsheets take for a formula, also behind blanks and in wide forms. */
const formula = /^[\s\u00a0\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

export type Cell = string | number | null | undefined;

function text(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'number') return String(cell);
  const shown = visible(cell);
  return formula.test(shown) ? `'${shown}` : shown;
}

/** Returns rows as RFC 4180. The mark in front makes spreadsheets read UTF-8. */
export function csv(rows: Cell[][]): string {
  const quoted = (cell: Cell) => {
    const shown = text(cell);
    return /[",;\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
  };
  return '\ufeff' + rows.map((row) => row.map(quoted).join(',')).join('\r\n') + '\r\n';
}

/** Lets the browser save a text. */
export function save(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
