import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = import.meta.dirname;

/**
 * What the package holds once, or a dependency has, is no part of the build: models, WebAssembly and the reader of HDF5 are
 * fetched from the folders `models`, `wasm` and `h5wasm` beside the page, which `pastiche studio` serves from where they are.
 * @param models the place of the first one, as code runs it: a path from an address, and that address
 */
const filesBesidePage = (models) => ({
  name: 'files-beside-page',
  enforce: 'pre',
  apply: 'build',
  resolveId: (id) => (id === 'h5wasm' ? { id: '../h5wasm/hdf5_hl.js', external: true } : null),
  async load(id) {
    if (!id.endsWith('package-files.browser.ts')) return null;
    const code = await readFile(id, 'utf8');
    const moved = code.replaceAll(
      /new URL\('\.\.\/\.\.\/models\/([\w.-]+)', import\.meta\.url\)/g,
      `new URL('${models.path}$1', ${models.from})`,
    );
    if (moved.includes('import.meta.url')) this.error('An address of a model has another form.');
    return moved;
  },
  generateBundle(_options, bundle) {
    for (const name of Object.keys(bundle)) if (name.endsWith('.wasm')) Reflect.deleteProperty(bundle, name);
  },
});

/** A worker has no page, and its file is in the folder `assets`. */
const models = {
  ofPage: { path: 'models/', from: 'document.baseURI' },
  ofWorker: { path: '../models/', from: 'self.location.href' },
};

const serviceWorker = 'service-worker.js';

/** Files of WebAssembly, by the folder beside the page; the first one computes on any processor. */
const wasm = ['', '.asyncify', '.jspi'].map((form) => `wasm/ort-wasm-simd-threaded${form}.wasm`);

/** Tells the service worker, whose own name stays the same, which files there are, and by their contents which version they are. */
const filesOfServiceWorker = {
  name: 'files-of-service-worker',
  apply: 'build',
  generateBundle: {
    order: 'post',
    async handler(_options, bundle) {
      const worker = bundle[serviceWorker];
      const { [serviceWorker]: _, ...others } = bundle;
      const runtime = await readFile(join(root, 'node_modules/onnxruntime-web/package.json'));
      const version = createHash('sha256').update(runtime);
      for (const file of Object.values(others)) version.update(file.code ?? file.source);
      const files = {
        version: version.digest('hex').slice(0, 16),
        shell: [...Object.keys(others), 'manifest.webmanifest'],
        wasm,
      };
      const code = worker.code.replace(/(["'`])%FILES%\1/, () => JSON.stringify(JSON.stringify(files)));
      if (code === worker.code) this.error('The service worker has no place for the files.');
      worker.code = code;
    },
  },
};

/** The studio's page. */
export default {
  root: join(root, 'src/studio'),
  base: './',
  plugins: [filesBesidePage(models.ofPage), filesOfServiceWorker],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', plugins: () => [filesBesidePage(models.ofWorker)] },
  logLevel: 'warn',
  build: {
    outDir: join(root, 'dist/studio'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    rollupOptions: {
      input: {
        index: join(root, 'src/studio/index.html'),
        'service-worker': join(root, 'src/studio/service-worker.ts'),
      },
      output: {
        entryFileNames: ({ name }) =>
          `${name}.js` === serviceWorker ? serviceWorker : 'assets/[name]-[hash].js',
      },
    },
  },
};
