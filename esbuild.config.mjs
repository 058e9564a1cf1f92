import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = import.meta.dirname ?? fileURLToPath(new URL('.', import.meta.url));
const outdir = join(root, 'dist/command-line');

/**
 * The command line as a few files instead of hundreds, which take longer to find and to read than most commands take to run. Chunks are
 * shared, so that a command loads what it needs and each thread has one copy.
 */
rmSync(outdir, { recursive: true, force: true });
await build({
  // What the tests of the command line run in their own process, and the files that threads and processes are started with: each stays
  // beside the chunk that names it.
  entryPoints: [
    'cli/main',
    'cli/run-command',
    'runtime/worker-thread.node',
    'training/picture-worker.node',
    'service/worker-process.node',
  ].map((name) => join(root, `dist/${name}.js`)),
  outdir,
  entryNames: '[name]',
  bundle: true,
  splitting: true,
  packages: 'external',
  // Of the packages these two are many files, or one of which we need a part.
  alias: Object.fromEntries(
    Object.entries({ zod: 'zod/index.js', 'ml-matrix': 'ml-matrix/matrix.mjs' }).map(([name, file]) => [
      name,
      join(root, 'node_modules', file),
    ]),
  ),
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  logLevel: 'warning',
});
