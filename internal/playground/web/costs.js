import { getNamedType, buildSchema, isListType, isNonNullType } from 'graphql';

// costsOf reads the directives in the schema's text, which introspection does not show: what selecting each field costs, as
// words by "Type.field". Fields that come with their entity's request are left out.
export function costsOf(sdl) {
  const schema = buildSchema(sdl);
  const root = schema.getQueryType();
  const costs = {};
  for (const type of Object.values(schema.getTypeMap())) {
    for (const field of Object.values(type.getFields?.() ?? {})) {
      const words = cost(field, type === root);
      if (words) costs[`${type.name}.${field.name}`] = words;
    }
  }
  return costs;
}

function cost(field, atRoot) {
  const directives = Object.fromEntries((field.astNode?.directives ?? []).map((d) => [d.name.value, d]));
  if (directives.request) return requestCost(field, atRoot);
  if (directives.navigation) return navigationCost(directives.navigation);
  return undefined;
}

function requestCost(field, atRoot) {
  if (atRoot && isList(field.type)) return 'one item for each id, unless you select only the id and lists below it.';
  if (/Connection$/.test(getNamedType(field.type).name)) return `one item${atRoot ? '' : ' for each owner'}; more where Portico has to read several pages.`;
  return atRoot ? 'one item, unless you select only the id and lists below it.' : 'one item for each owner.';
}

function navigationCost(directive) {
  const argument = (name) => directive.arguments.find((a) => a.name.value === name)?.value;
  const carried = ['id', ...(argument('carries')?.values ?? []).map((v) => v.value)].map((name) => `\`${name}\``).join(', ');
  if (argument('expand')?.value) return `nothing: it comes with its owner, expanded (\`$expand\`) where you select more than ${carried}.`;
  return `nothing for ${carried}; one item for each target if you select other fields.`;
}

const isList = (type) => isListType(isNonNullType(type) ? type.ofType : type);

// costs makes costsOf the schema available to the page as a module.
export function costs(file, read) {
  const id = 'virtual:costs';
  return {
    name: 'portico-costs',
    resolveId: (source) => (source === id ? `\0${id}` : undefined),
    load(source) {
      if (source !== `\0${id}`) return undefined;
      this.addWatchFile(file);
      return `export default ${JSON.stringify(costsOf(read(file)))};`;
    },
  };
}
