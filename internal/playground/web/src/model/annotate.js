// annotate adds what selecting a field costs to the field's description in the result of an introspection query. Fields that are
// not in costs come with the request for their entity.
export function annotate(introspected, costs) {
  const root = introspected.queryType?.name;
  for (const type of introspected.types ?? []) {
    if (type.name.startsWith('__') || !Array.isArray(type.fields)) continue;
    for (const field of type.fields) {
      const words = costs[`${type.name}.${field.name}`] ?? (type.name === root ? undefined : 'nothing of its own.');
      if (words) field.description = `${field.description ?? ''}\n\n**Cost:** ${words}`.trim();
    }
  }
}
