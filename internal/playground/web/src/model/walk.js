// Names in a path that say nothing about what is there, unless they are fields at the root: Relay's.
const silent = new Set(['nodes', 'edges', 'node']);

export const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

// names is the path without indices, as the types of a query are found by it.
export const names = (path) => path.filter((step) => typeof step === 'string');

// meaning is the path without what says nothing: hosts.ports for hosts[3].ports.nodes[0].
export const meaning = (path) => names(path).filter((step, i) => i === 0 || !silent.has(step));

// walk calls visit(object, path, above) for each object below the data in the order of the response; above are the objects
// that it is in, outermost first.
export function walk(data, visit) {
  descend(data, [], []);

  function descend(value, path, above) {
    if (Array.isArray(value)) {
      value.forEach((item, i) => descend(item, [...path, i], above));
    } else if (isObject(value)) {
      if (path.length > 0) visit(value, path, above);
      const inside = path.length > 0 ? [...above, value] : above;
      for (const [key, item] of Object.entries(value)) descend(item, [...path, key], inside);
    }
  }
}

// readable is an id as people know what it names. Many ids are base64 of that: of a fingerprint, or of a host and a port.
export function readable(id) {
  if (!/^[0-9A-Za-z+/_-]{8,}={0,2}$/.test(id)) return id;
  try {
    const text = atob(id.replaceAll('-', '+').replaceAll('_', '/'));
    return /^[\x21-\x7e]{4,}$/.test(text) && /[.:$]|^[0-9a-f]{32,}$/i.test(text) ? text.replaceAll('$$', ' ') : id;
  } catch {
    return id;
  }
}

// labelOf is what a person calls the object: its first property that names one.
export function labelOf(object) {
  if (typeof object.port === 'number') return [object.port, object.protocol].filter(Boolean).join(' ');
  for (const key of ['title', 'name', 'commonName', 'value', 'organizationName', 'label', 'banner', 'sha1', 'id']) {
    if (typeof object[key] === 'string' && object[key] !== '') {
      if (key === 'id') return readable(object.id);
      return key === 'name' && object.version ? `${object.name} ${object.version}` : object[key];
    }
  }
  for (const key of ['subject', 'component', 'artifact', 'host', 'sslCertificate', 'parentHost', 'childHost', 'node']) {
    if (isObject(object[key])) return labelOf(object[key]);
  }
  return '';
}
