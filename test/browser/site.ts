import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const root = join(import.meta.dirname, '../..');

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
  '.jpg': 'image/jpeg',
  '.png': 'image/png',
};

/** A page that has the built package, as `pastiche` and `engine`. */
const page = `<!doctype html><meta charset="utf-8"><title>test</title>
<script type="module">
  import * as pastiche from '/dist/bundle/browser.js';
  import * as engine from '/dist/bundle/engine.browser.js';
  Object.assign(window, { pastiche, engine });
</script>`;

/** A site on the loopback device. */
export interface Site {
  readonly origin: string;
  /** The paths that were asked for, with `HEAD` before those of which only the headers were. */
  readonly requests: string[];
  close(): Promise<void>;
}

/**
 * Serves the repository, and an isolated page at `/isolated` and one that is not at `/plain`.
 * @param extra files of a test by their paths
 * @param folder what is served beside that, before the repository
 */
export async function serveSite(
  extra: ReadonlyMap<string, Uint8Array | string> = new Map(),
  folder?: string,
): Promise<Site> {
  const requests: string[] = [];
  const respond = (path: string, response: ServerResponse): void => {
    const isolated = path !== '/plain';
    response.setHeader('Cross-Origin-Resource-Policy', 'same-origin');
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const own = extra.get(path) ?? (['/plain', '/isolated'].includes(path) ? page : undefined);
    if (own !== undefined) {
      response.setHeader('Content-Type', types[extname(path) || '.html'] ?? 'application/octet-stream');
      return void response.end(own);
    }
    const relative = normalize(path).replace(/^[/\\]+/, '');
    const file = [...(folder === undefined ? [] : [folder]), root]
      .map((place) =>
        join(place, relative.endsWith('/') || relative === '' ? `${relative}index.html` : relative),
      )
      .find((place) => existsSync(place) && statSync(place).isFile());
    if (file === undefined || relative.startsWith('..')) return void response.writeHead(404).end();
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
    response.setHeader('Content-Length', statSync(file).size);
    createReadStream(file).pipe(response);
  };
  const server: Server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://localhost');
    requests.push(`${request.method === 'HEAD' ? 'HEAD ' : ''}${pathname}`);
    respond(decodeURIComponent(pathname), response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
