import js from '@eslint/js';
import globals from 'globals';
import importX from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

/** Which rooms a room may import from. Imports point down the house and never up (docs/architecture.md). */
const rooms = {
  graph: [],
  formats: [],
  ranks: [],
  networks: ['graph', 'formats', 'images'],
  losses: ['graph', 'networks'],
  optimizers: [],
  images: ['ranks', 'formats'],
  films: ['images'],
  runtime: ['graph'],
  'patch-match': ['graph'],
  weights: ['networks', 'formats'],
  methods: [
    'graph',
    'networks',
    'losses',
    'optimizers',
    'images',
    'weights',
    'formats',
    'ranks',
    'patch-match',
  ],
  training: ['graph', 'networks', 'losses', 'optimizers', 'images', 'weights', 'formats'],
  api: ['methods', 'images', 'weights', 'networks', 'runtime'],
  report: ['methods', 'training', 'images'],
  jobs: [
    'api',
    'methods',
    'training',
    'films',
    'images',
    'weights',
    'networks',
    'runtime',
    'report',
    'formats',
  ],
  service: ['jobs', 'api', 'methods', 'films', 'images', 'weights', 'networks', 'runtime', 'report'],
  studio: ['api', 'methods', 'images', 'weights', 'networks', 'losses', 'runtime', 'graph'],
  cli: [
    'service',
    'jobs',
    'api',
    'methods',
    'training',
    'films',
    'images',
    'weights',
    'networks',
    'runtime',
    'report',
  ],
};

/**
 * Single files that a room may import as well. Methods are handed a runtime: they know its interface and none of its kinds.
 * What shows losses knows the names of their terms.
 */
const files = {
  methods: ['runtime/runtime.ts', 'runtime/program-cache.ts'],
  'patch-match': ['runtime/runtime.ts'],
  training: ['runtime/runtime.ts', 'runtime/program-cache.ts'],
  report: ['losses/terms.ts'],
  weights: ['package-folder.node.ts'],
  api: ['version.node.ts', 'package-folder.node.ts'],
  jobs: ['losses/terms.ts', 'version.node.ts'],
  service: ['version.node.ts', 'package-folder.node.ts'],
  // The page offers a run as a command, which only the command line can word.
  studio: ['cli/command-line.ts'],
  cli: ['losses/terms.ts', 'version.node.ts'],
};

/** Files beside the rooms that every room may import, and what they may import themselves. */
const foundations = {
  'errors.ts': [],
  'abort.ts': [],
  'random.ts': [],
  'replace-file.node.ts': ['errors.ts'],
  'package-folder.node.ts': [],
  'version.node.ts': ['package-folder.node.ts'],
};
const shared = ['errors.ts', 'abort.ts', 'random.ts', 'replace-file.node.ts'];

/** The package's entries import the house; the house imports no entry. Those of Node.js may import what is Node's alone. */
const isomorphic = [
  ...Object.keys(rooms).filter((room) => !['report', 'jobs', 'service', 'studio', 'cli'].includes(room)),
  ...shared,
];
const entries = {
  'index.ts': isomorphic,
  'browser.ts': [...isomorphic, 'index.ts'],
  'node.ts': [...isomorphic, 'report', 'jobs', 'index.ts', 'version.node.ts'],
  'engine.ts': isomorphic,
  'engine.browser.ts': [...isomorphic, 'engine.ts'],
  'engine.node.ts': [...isomorphic, 'report', 'engine.ts'],
  'training.node.ts': [...isomorphic, 'jobs'],
  'client.ts': ['errors.ts', 'service/service-client.ts', 'service/job.ts'],
};

const zone = (target, allowed) => ({
  target: `./src/${target}`,
  from: './src',
  except: [target, ...allowed].map((name) => `./${name}`),
  message: `src/${target} may import only: ${allowed.join(', ') || 'packages'} (see docs/architecture.md).`,
});

const zones = [
  ...Object.entries(rooms).map(([room, allowed]) =>
    zone(room, [...allowed, ...shared, ...(files[room] ?? [])]),
  ),
  ...Object.entries({ ...foundations, ...entries }).map(([file, allowed]) => zone(file, allowed)),
];

/** Packages that belong to one room, or to each that names them: what they are for is its subject, and replacing them touches that room alone. */
const packageOwners = {
  runtime: ['onnxruntime-common', 'onnxruntime-node', 'onnxruntime-web'],
  graph: ['protobufjs'],
  formats: ['flatbuffers'],
  images: ['sharp'],
  weights: ['h5wasm', 'undici', 'env-paths'],
  report: ['uplot'],
  studio: ['preact', '@preact/signals', 'uplot', 'idb'],
  service: [
    'fastify',
    '@fastify',
    'fastify-type-provider-zod',
    'prom-client',
    'pino',
    '@photostructure/sqlite',
    'bullmq',
    'ioredis',
    'aws4fetch',
  ],
  cli: ['commander', 'cli-progress'],
};

/** Files that need Node; everything else in src must load in a browser. */
const nodeOnly = ['src/node.ts', 'src/cli/**', 'src/**/*.node.ts'];
const nodeOnlyMessage =
  'This file must load in a browser: Node-only code lives in files named *.node.ts, src/node.ts and src/cli.';

const isomorphicPattern = {
  regex: '(\\.node\\.js|/node\\.js|/cli/.*)$|^(sharp|onnxruntime-node|undici|h5wasm/node|env-paths)$',
  message: nodeOnlyMessage,
  allowTypeImports: true,
};

/** Files that need what only browsers have; neither Node.js nor what is for both loads them. */
const browserOnly = ['src/browser.ts', 'src/**/*.browser.ts', 'src/studio/**'];
const browserOnlyMessage = 'What only browsers have belongs into files named *.browser.ts.';

/** What the page may not import: of the command line it knows how a command is worded. */
const pagePattern = {
  ...isomorphicPattern,
  regex: isomorphicPattern.regex.replace('/cli/.*', '/cli/(?!command-line\\.js).*'),
};

const browserPattern = {
  regex: '\\.browser\\.js$|/browser\\.js$|^onnxruntime-web(/|$)',
  message: browserOnlyMessage,
  allowTypeImports: true,
};

const nodeGlobals = ['process', 'Buffer', 'global', 'setImmediate'].map((name) => ({
  name,
  message: nodeOnlyMessage,
}));

/** The types of browsers are known everywhere, so that what is theirs alone is named here. */
const browserGlobals = [
  'window',
  'document',
  'self',
  'location',
  'navigator',
  'caches',
  'localStorage',
  'indexedDB',
  'Worker',
  'Image',
  'ImageData',
  'OffscreenCanvas',
  'createImageBitmap',
  'crossOriginIsolated',
  'requestAnimationFrame',
].map((name) => ({ name, message: browserOnlyMessage }));

const restrictImports = (patterns) => ({
  '@typescript-eslint/no-restricted-imports': ['error', { patterns }],
});

const packageRules = [
  ...Object.keys(rooms).map((room) => [room, `src/${room}/**`]),
  [undefined, 'src/*.ts'],
].flatMap(([room, pattern]) => {
  const foreign = Object.entries(packageOwners)
    .map(([owner, packages]) => [owner, packages.filter((name) => !packageOwners[room]?.includes(name))])
    .filter(([, packages]) => packages.length > 0)
    .map(([owner, packages]) => ({
      regex: `^(${packages.join('|')})(/|$)`,
      message: `Only src/${owner} imports this package.`,
    }));
  if (room === 'studio') return { files: [pattern], rules: restrictImports([...foreign, pagePattern]) };
  return [
    { files: [pattern], rules: restrictImports([...foreign, browserPattern]) },
    {
      files: [pattern],
      ignores: nodeOnly,
      rules: restrictImports([...foreign, isomorphicPattern, browserPattern]),
    },
    {
      files: room === undefined ? ['src/browser.ts', 'src/*.browser.ts'] : [`src/${room}/**/*.browser.ts`],
      rules: restrictImports([...foreign, isomorphicPattern]),
    },
  ];
});

export default tseslint.config(
  { ignores: ['dist', 'coverage', 'docs/reference', 'test/golden'] },
  js.configs.recommended,
  ...tseslint.configs.strict,
  {
    plugins: { 'import-x': importX },
    languageOptions: { globals: globals.node },
    rules: {
      'no-console': 'error',
      'max-lines': ['error', { max: 400 }],
      'import-x/no-restricted-paths': ['error', { zones, basePath: import.meta.dirname }],
      'import-x/no-cycle': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
    },
    settings: {
      'import-x/extensions': ['.ts', '.tsx', '.js', '.mjs'],
      'import-x/resolver-next': [
        importX.createNodeResolver({
          extensions: ['.ts', '.tsx', '.js'],
          extensionAlias: { '.js': ['.ts', '.tsx', '.js'] },
        }),
      ],
    },
  },
  {
    files: ['src/**'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/only-throw-error': 'error',
    },
  },
  {
    files: ['src/**'],
    ignores: nodeOnly,
    rules: {
      'import-x/no-nodejs-modules': 'error',
      'no-restricted-globals': ['error', ...nodeGlobals, ...browserGlobals],
    },
  },
  { files: browserOnly, rules: { 'no-restricted-globals': ['error', ...nodeGlobals] } },
  // What the page is made from is bundled: who installs the package doesn't install it.
  { files: ['src/studio/**'], rules: { 'import-x/no-extraneous-dependencies': 'off' } },
  { files: nodeOnly, rules: { 'no-restricted-globals': ['error', ...browserGlobals] } },
  ...packageRules,
  { files: ['examples/browser/**'], languageOptions: { globals: globals.browser } },
  { files: ['src/cli/**', 'bench/**', 'examples/**', 'docs/**'], rules: { 'no-console': 'off' } },
);
