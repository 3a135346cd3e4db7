import type { CodegenConfig } from '@graphql-codegen/cli';

const config: CodegenConfig = {
  schema: '../../schema.graphqls',
  documents: 'src/*.graphql',
  generates: {
    'src/operations.generated.ts': {
      plugins: ['typescript-operations', 'typed-document-node'],
      config: {
        nonOptionalTypename: true, // Apollo Client asks for it everywhere
        strictScalars: true, // a scalar without a type below is a mistake, not `any`
        scalars: { DateTime: 'string', ID: 'string' },
        useTypeImports: true,
      },
    },
    'src/interfaces.generated.ts': { plugins: ['fragment-matcher'] },
  },
};

export default config;
