// searchSchema finds types and fields by name, without edges, connections and other types for paging,
// which people do not look for. Fields of the type within come first.
export function searchSchema(schema, text, within, most = 100) {
  const found = [];
  const wanted = text.trim().toLowerCase();
  const types = Object.values(schema?.getTypeMap() ?? {}).filter((type) => !plumbing(type));
  if (within?.getFields) types.sort((a, b) => (b === within) - (a === within));
  for (const type of types) {
    if (type !== within && type.name.toLowerCase().includes(wanted)) found.push({ type, within: false });
    for (const field of Object.values(type.getFields?.() ?? {})) {
      if (field.name.toLowerCase().includes(wanted)) found.push({ type, field, within: type === within });
    }
    if (found.length >= most) break;
  }
  // The exact name first, then names that begin with the text.
  const rank = ({ type, field }) => {
    const name = (field ?? type).name.toLowerCase();
    return name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2;
  };
  return found.slice(0, most).sort((a, b) => b.within - a.within || rank(a) - rank(b));
}

const plumbing = (type) => type.name.startsWith('__') || /^(PageInfo|.+Edge)$/.test(type.name) || (/Connection$/.test(type.name) && type.getFields?.().pageInfo !== undefined);
