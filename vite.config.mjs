import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const root = import.meta.dirname;

/**
 * What the package holds once, or a dependency has, is no part of the build: models, WebAssembly and the reader of HDF5 are
 * fetched from the folders `models`, `wasm` and `h5wasm` beside the page, which `pastiche studio` serves from where they are.
 */
const filesBesidePage = {
  name: 'files-beside-page',
  enforce: 'pre',
  apply: 'build',
  resolveId: (id) => (id === 'h5wasm' ? { id: '../h5wasm/hdf5_hl.js', external: true } : null),
  async load(id) {
    if (!id.endsWith('package-files.browser.ts')) return null;
    const code = await readFile(id, 'utf8');
    const moved = code.replaceAll(
      /new URL\('\.\.\/\.\.\/models\/([\w.-]+)', import\.meta\.url\)/g,
      "new URL('models/$1', document.baseURI)",
    );
    if (moved.includes('import.meta.url')) this.error('An address of a model has another form.');
    return moved;
  },
  generateBundle(_options, bundle) {
    for (const name of Object.keys(bundle)) if (name.endsWith('.wasm')) Reflect.deleteProperty(bundle, name);
  },
};

/** The studio's page. */
export default {
  root: join(root, 'src/studio'),
  base: './',
  plugins: [filesBesidePage],
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  worker: { format: 'es', plugins: () => [filesBesidePage] },
  logLevel: 'warn',
  build: {
    outDir: join(root, 'dist/studio'),
    emptyOutDir: true,
    target: 'es2023',
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
  },
};
