// Reads input as graphql-js does. Standard input is {sdl, cases: [{query, variables, types}]}, with variables as JSON text;
// standard output has for each case what the field with the alias "it" was given, or why the operation was refused.
import { text } from 'node:stream/consumers';
import { buildSchema, execute, GraphQLError, parse, validate, valueFromASTUntyped } from 'graphql';

const { sdl, cases } = JSON.parse(await text(process.stdin));
const schema = buildSchema(sdl, { assumeValidSDL: true });

scalar('DateTime', (value) => {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\d(\.\d+)?Z)?$/.test(value) || isNaN(Date.parse(value))) {
    throw new GraphQLError(`DateTime must be RFC 3339: ${value}`);
  }
  return value;
});
scalar('_Any', (value) => {
  JSON.stringify(value, (_, member) => {
    if (typeof member === 'number' && !(Math.abs(member) < 2 ** 63)) throw new GraphQLError(`too long: ${member}`);
    return member;
  });
  return value;
});

function scalar(name, read) {
  const type = schema.getType(name);
  type.parseValue = read;
  type.parseLiteral = (node, variables) => read(valueFromASTUntyped(node, variables));
}

// stub is a value of an output type that lets the execution go on below it.
function stub(type) {
  const text = String(type).replaceAll('!', '');
  return text.startsWith('[') ? [{}] : {};
}

function answer({ query, variables, types }) {
  try {
    const document = parse(query);
    const invalid = validate(schema, document);
    if (invalid.length > 0) return { refused: invalid[0].message };
    let given = null;
    const { errors } = execute({
      schema, document, rootValue: {}, variableValues: JSON.parse(variables),
      fieldResolver: (_, args, __, info) => {
        if (info.path.key === 'it') given = args;
        return stub(info.returnType);
      },
      typeResolver: (_, __, info, abstract) => {
        const possible = schema.getPossibleTypes(abstract).map((type) => type.name);
        return possible.find((name) => types.includes(name)) ?? possible[0];
      },
    });
    const own = errors?.find(({ originalError }) => originalError && !(originalError instanceof GraphQLError));
    if (own) throw own;
    return errors ? { refused: errors[0].message } : { given };
  } catch (error) {
    if (error instanceof GraphQLError && !error.originalError) return { refused: error.message };
    throw error;
  }
}

process.stdout.write(JSON.stringify(cases.map(answer)));
