// nextQuestion is the query and the variables that ask about a node of the graph; queries are the files in queries/next by name.
export function nextQuestion(node, queries) {
  const ask = (name, variables) => ({ query: queries[name], variables: JSON.stringify(variables, null, 2) });
  switch (node.kind) {
    case 'name':
    case 'address':
      return ask('host', { host: node.id });
    case 'certificate':
      if (node.id) return ask('certificate', { id: node.id });
      return node.sha1 ? ask('fingerprint', { sha1: node.sha1 }) : undefined;
    case 'article':
    case 'profile':
    case 'vulnerability':
      return node.id ? ask(node.kind, { id: node.id }) : undefined;
    default:
      return node.id ? ask('node', { id: prefixed(node) }) : undefined;
  }
}

// The type in front tells what the id is of, where its form does not.
const prefixed = (node) => (/^[A-Z]\w+$/.test(node.type) ? `${node.type}:${node.id}` : node.id);
