// What people look at comes from strangers: a banner may hold markup, and characters that hide or reorder what is around
// them. React and the CSV below escape the first; visible() shows the second.

// Controls but tab, line feed and carriage return; soft hyphen; marks, embeddings, overrides and isolates of bidirectional
// text; characters of no width; line and paragraph separators; tags and variation selectors that can hide text.
const hidden =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\u{e0000}-\u{e01ef}]/gu;

// visible returns the text with each character that does not show, or that changes how others show, as \u{202E}.
export function visible(value) {
  return String(value).replace(hidden, (c) => `\\u{${c.codePointAt(0).toString(16).toUpperCase()}}`);
}

// short returns a text cut to a number of characters, with an ellipsis if there are more.
export function short(value, length = 60) {
  const characters = [...visible(value).replace(/\s+/g, ' ').trim()];
  return characters.length > length ? characters.slice(0, length - 1).join('') + '…' : characters.join('');
}

// What spreadsheets take for a formula, also behind blanks and in the wide forms that some of them normalize.
const formula = /^[\s\u00a0\u3000]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

// safe is the text of a cell that no spreadsheet takes for a formula. Numbers stay numbers.
function safe(value) {
  if (value === null || value === undefined) return '';
  if (typeof value === 'number') return String(value);
  const text = visible(value);
  return formula.test(text) ? `'${text}` : text;
}

// csv returns the columns and rows as RFC 4180. The mark in front makes spreadsheets read UTF-8.
export function csv(columns, rows) {
  const cell = (value) => {
    const text = safe(value);
    return /[",;\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return '\ufeff' + [columns, ...rows].map((row) => row.map(cell).join(',')).join('\r\n') + '\r\n';
}

// tsv is the same for the clipboard, where a cell holds no tabs and no lines.
export function tsv(columns, rows) {
  return [columns, ...rows].map((row) => row.map((value) => safe(value).replace(/[\t\r\n]+/g, ' ')).join('\t')).join('\n');
}
