import js from '@eslint/js';
import globals from 'globals';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Which rooms a room may import from. Imports point down the house and never up (docs/architecture.md). */
const rooms = {
  graph: [],
  networks: ['graph'],
  losses: ['graph', 'networks'],
  optimizers: [],
  images: [],
  runtime: ['graph'],
  weights: ['networks', 'graph'],
  methods: ['graph', 'networks', 'losses', 'optimizers', 'images', 'weights'],
  report: ['methods', 'images'],
  jobs: ['methods', 'images', 'weights', 'networks', 'runtime', 'report'],
  cli: ['jobs', 'methods', 'images', 'weights', 'networks', 'runtime', 'report'],
};

/** Single files that a room may import as well. Methods are handed a runtime: they know its interface and none of its kinds. */
const files = {
  methods: ['./runtime/runtime.ts'],
  jobs: ['./version.node.ts'],
  cli: ['./node.ts', './index.ts', './version.node.ts'],
};

const zones = Object.entries(rooms).map(([room, allowed]) => ({
  target: `./src/${room}`,
  from: './src',
  except: [room, ...allowed]
    .map((name) => `./${name}`)
    .concat(['./errors.ts', './progress.ts', './random.ts', './replace-file.node.ts'], files[room] ?? []),
  message: `src/${room} may import only from: ${[room, ...allowed].join(', ')} (see docs/architecture.md).`,
}));

/** Rooms that must load in a browser: no Node built-ins and no packages that need Node. */
const nodeOnly = ['src/node.ts', 'src/cli/**', 'src/**/node/**', 'src/**/*.node.ts'];

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'docs/reference', 'test/golden'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    plugins: { 'import-x': importX },
    languageOptions: { globals: globals.node },
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
    settings: {
      'import-x/resolver-next': [
        importX.createNodeResolver({ extensions: ['.ts', '.js'], extensionAlias: { '.js': ['.ts', '.js'] } }),
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: nodeOnly,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex:
                '^(node:|sharp$|onnxruntime-node$|undici$|h5wasm/node|env-paths$|write-file-atomic$|commander$)',
              message:
                'This file must load in a browser: Node-only code lives in files named *.node.ts, src/node.ts and src/cli.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/runtime/**'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ regex: '^onnxruntime-', message: 'Only src/runtime imports ONNX Runtime.' }] },
      ],
    },
  },
  { files: ['src/cli/**', 'bench/**', 'scripts/**', 'examples/**'], rules: { 'no-console': 'off' } },
);
