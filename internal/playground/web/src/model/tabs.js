// titleOf is what a tab is called: the question in the first comment of its query, the name of its operation, or nothing.
export function titleOf(query) {
  const first = /^\s*#\s*(.+)/.exec(query ?? '')?.[1].trim();
  if (first) return first;
  return /^(?!\s*#).*?\b(?:query|mutation|subscription)\s+(\w+)/m.exec(query ?? '')?.[1] ?? '';
}

// takesVariables reports whether an operation of the document declares variables.
export function takesVariables(query) {
  return /^(?!\s*#)[^#\n]*\b(?:query|mutation|subscription)\b[^{]*\(\s*\$\w+\s*:/m.test(query ?? '');
}

// blank empties the ids among the variables, as JSON text, for people to fill in. All else, such as a CVE id, holds in
// every tenant.
export function blank(query, variables) {
  if (!variables) return variables;
  const values = JSON.parse(variables);
  for (const [, name, list] of query.matchAll(/\$(\w+):\s*(\[?)ID\b/g)) {
    if (name in values && !/^CVE-/.test(values[name])) values[name] = list ? [''] : '';
  }
  return JSON.stringify(values, null, 2);
}

// named is the name if an operation of the query has it, and otherwise undefined.
export const named = (query, name) => (name && new RegExp(`^[^#\\n]*\\b(query|mutation|subscription)\\s+${name}\\b`, 'm').test(query) ? name : undefined);
