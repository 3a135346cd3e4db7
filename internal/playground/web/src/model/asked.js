import { Kind } from 'graphql';

// askedIds returns the ids by which the lists at the root of a query were requested, by the name that they have in the response:
// {hosts: ["192.0.2.1"]}. variables are those of the operation, or of each page of it.
export function askedIds(document, ...variables) {
  const asked = {};
  const operation = document?.definitions?.find((d) => d.kind === Kind.OPERATION_DEFINITION);
  for (const field of operation?.selectionSet.selections ?? []) {
    const ids = field.arguments?.find((argument) => argument.name.value === 'ids')?.value;
    if (ids) asked[(field.alias ?? field.name).value] = variables.flatMap((values) => valuesOf(ids, values));
  }
  return asked;
}

function valuesOf(value, variables) {
  if (value.kind === Kind.VARIABLE) return [variables?.[value.name.value] ?? []].flat().map(String);
  if (value.kind === Kind.LIST) return value.values.flatMap((item) => valuesOf(item, variables));
  return 'value' in value ? [String(value.value)] : [];
}
