import { getNamedType, Kind } from 'graphql';

// typesByPath returns the name of the type at each path of a response, such as HostPort for host.ports.nodes, as the schema
// and the query tell. Where either is missing it is empty, and readers go by what they see.
export function typesByPath(schema, document, operationName) {
  const found = new Map();
  const operations = document?.definitions?.filter((d) => d.kind === Kind.OPERATION_DEFINITION) ?? [];
  const operation = operations.find((o) => o.name?.value === operationName) ?? operations[0];
  const root = operation && schema?.getRootType(operation.operation);
  if (!root) return found;
  const fragments = new Map(document.definitions.filter((d) => d.kind === Kind.FRAGMENT_DEFINITION).map((f) => [f.name.value, f]));
  collect(operation.selectionSet, root, [], new Set());
  return found;

  function collect(selectionSet, type, path, inside) {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FIELD) collectField(selection, type, path, inside);
      else collectFragment(selection, type, path, inside);
    }
  }

  function collectField(field, type, path, inside) {
    const definition = type?.getFields?.()[field.name.value];
    if (!definition) return;
    const here = [...path, (field.alias ?? field.name).value];
    const named = getNamedType(definition.type);
    found.set(here.join('.'), named.name);
    collect(field.selectionSet, named, here, inside);
  }

  function collectFragment(selection, type, path, inside) {
    const name = selection.kind === Kind.FRAGMENT_SPREAD ? selection.name.value : undefined;
    const fragment = name ? fragments.get(name) : selection;
    if (!fragment || inside.has(name)) return; // unknown, or a circle: the server refuses both
    const condition = fragment.typeCondition ? schema.getType(fragment.typeCondition.name.value) : type;
    collect(fragment.selectionSet, condition, path, name ? new Set([...inside, name]) : inside);
  }
}
