import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { StyleError } from '../errors.js';
import { packageFolder } from '../package-folder.node.js';

const pages = join(packageFolder, 'dist', 'studio');
const models = join(packageFolder, 'models');

/** A dependency's folder, wherever npm has put it; its files for browsers are none that Node.js would resolve. */
function dependencyFolder(name: string): string {
  const places = createRequire(import.meta.url).resolve.paths(name) ?? [];
  return places.map((place) => join(place, name)).find((folder) => existsSync(folder))!;
}

/**
 * The studio's page with the models and the WebAssembly that it fetches, as a plugin of Fastify: each from where it is, so that the
 * package holds it once. The server isolates its pages (`isolatePages`).
 * @throws StyleError `E_INPUT_MISSING` where the page was not built
 */
export async function studioPages(server: FastifyInstance): Promise<void> {
  if (!existsSync(`${pages}/index.html`)) {
    throw new StyleError(
      'E_INPUT_MISSING',
      `The studio's page is not in ${pages}.`,
      'Install the package anew; in a clone of the repository run npm run build.',
    );
  }
  const beside = { decorateReply: false, index: false } as const;
  await server.register(fastifyStatic, { ...beside, root: models, prefix: '/models/' });
  await server.register(fastifyStatic, {
    ...beside,
    root: join(dependencyFolder('onnxruntime-web'), 'dist'),
    prefix: '/wasm/',
    allowedPath: (path) => path.endsWith('.wasm'),
  });
  await server.register(fastifyStatic, {
    ...beside,
    root: join(dependencyFolder('h5wasm'), 'dist/esm'),
    prefix: '/h5wasm/',
    allowedPath: (path) => path.endsWith('.js'),
  });
  await server.register(fastifyStatic, {
    decorateReply: false,
    root: pages,
    prefix: '/',
    // Names of assets change with what is in them; the page itself doesn't.
    setHeaders: (response, path) => {
      const isAsset = /[\\/]assets[\\/]/.test(path);
      response.setHeader('cache-control', isAsset ? 'public, max-age=31536000, immutable' : 'no-cache');
    },
    cacheControl: false,
  });
}
