import { short } from './text.js';
import { isObject, labelOf, meaning, names, readable, walk } from './walk.js';

// The kinds of nodes, by the type in the schema. Everything else is a way from one node to another.
const kinds = {
  Hostname: 'name',
  IpAddress: 'address',
  SslCertificate: 'certificate',
  Article: 'article',
  IntelligenceProfile: 'profile',
  Vulnerability: 'vulnerability',
};
const hosts = new Set(['Host', 'Artifact', 'Hostname', 'IpAddress']);

const address = /^(?:\d{1,3}(?:\.\d{1,3}){3}|(?=.*:.*:)[0-9a-f:.]+)$/i;
const hostname = /^(?=.*[a-z])(?:[a-z0-9_-]+\.)+[a-z0-9-]{2,}$/i;

// kindOf decides by the type, and where that is unknown by the value and by the field.
function kindOf(object, path, types) {
  const type = object.__typename ?? types.get(names(path).join('.'));
  if (kinds[type]) return kinds[type];
  if (type && !hosts.has(type)) return undefined;
  if (typeof object.id === 'string' && address.test(object.id)) return 'address';
  if (typeof object.id === 'string' && hostname.test(object.id)) return 'name';
  if (type) return type === 'Host' ? 'other' : undefined;
  if (typeof object.id === 'string' && /^CVE-\d/i.test(object.id)) return 'vulnerability';
  const field = meaning(path).at(-1) ?? '';
  if (/sslCertificate/i.test(field) && !/^sslCertificates$/.test(field)) return 'certificate';
  if (object.sha1 !== undefined || object.serialNumber !== undefined) return 'certificate';
  if (/^articles?$/.test(field)) return 'article';
  if (/^intelligenceProfiles?$/.test(field)) return 'profile';
  return undefined;
}

// graphOf returns the hosts, certificates, articles, profiles and vulnerabilities of a response as nodes, and the ways from one to
// another as edges. An entity with no node above it, such as a port at the root, is a node as well where one is below it: it
// holds them together.
export function graphOf(response, types = new Map(), most = 250) {
  const nodes = new Map();
  const edges = new Map();
  const keys = new Map(); // object → the key of its node
  const paths = new Map();
  const roots = new Set();

  walk(response?.data, (object, path, above) => {
    paths.set(object, path);
    const kind = kindOf(object, path, types);
    if (!kind) {
      if (!above.some((o) => keys.has(o)) && isEntity(object, path)) roots.add(object);
      return;
    }
    const key = keyOf(object, kind, path);
    keys.set(object, key);
    merge(key, kind, object, typeOf(object, path));
    link(object, path, above, key);
  });
  return capped(nodes, edges, most);

  function typeOf(object, path) {
    return object.__typename ?? types.get(names(path).join('.'));
  }

  function isEntity(object, path) {
    const type = typeOf(object, path);
    if (Array.isArray(object.nodes) || Array.isArray(object.edges) || /(Connection|Edge)$/.test(type ?? '')) return false;
    return type !== undefined || labelOf(object) !== '';
  }

  function link(object, path, above, key) {
    let owner = above.findLast((o) => keys.has(o));
    if (!owner) {
      owner = above.find((o) => roots.has(o));
      if (!owner) return;
      const at = paths.get(owner);
      const ownKey = keyOf(owner, 'other', at);
      keys.set(owner, ownKey);
      merge(ownKey, 'other', owner, typeOf(owner, at) ?? meaning(at).at(-1));
    }
    const from = keys.get(owner);
    if (from === key) return;
    const label = meaning(path.slice(paths.get(owner).length)).join(' › ');
    const id = [from, key].sort().join('\u0000');
    const edge = edges.get(id) ?? { from, to: key, labels: [] };
    if (!edge.labels.includes(label)) edge.labels.push(label);
    edges.set(id, edge);
  }

  function merge(key, kind, object, type = '') {
    const node = nodes.get(key) ?? { key, kind, id: '', sha1: '', label: '', type, reputation: '' };
    if (typeof object.id === 'string') node.id ||= object.id;
    if (typeof object.sha1 === 'string') node.sha1 ||= object.sha1;
    node.label = better(node.label, nodeLabel(object, kind, type));
    const classification = isObject(object.reputation) ? object.reputation.classification : undefined;
    if (typeof classification === 'string') node.reputation = classification;
    nodes.set(key, node);
  }
}

const keyOf = (object, kind, path) => `${group(kind)}:${object.id ?? object.sha1 ?? path.join('.')}`;
const group = (kind) => (kind === 'name' || kind === 'address' ? 'host' : kind);

function nodeLabel(object, kind, type) {
  if (kind === 'certificate') return short(object.subject?.commonName ?? object.sha1 ?? readable(object.id ?? 'certificate'), 20);
  if (kind === 'other') return short(`${type} ${labelOf(object)}`, 32);
  return short(labelOf(object) || kind, 40);
}

// A name is better than the hash or the id that it may have had before.
const better = (old, next) => (old === '' || (opaque.test(old) && !opaque.test(next)) ? next : old);
const opaque = /^[0-9A-Za-z+/=]{16,}…?$/;

function capped(nodes, edges, most) {
  const kept = [...nodes.values()].slice(0, most);
  const keys = new Set(kept.map((node) => node.key));
  return {
    nodes: kept,
    edges: [...edges.values()].filter((edge) => keys.has(edge.from) && keys.has(edge.to)),
    count: nodes.size,
  };
}
