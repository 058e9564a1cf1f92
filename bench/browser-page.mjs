/* A page for measurements in Chromium: it has the built package and may use threads. */
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const root = fileURLToPath(new URL('..', import.meta.url));
const types = { '.js': 'text/javascript', '.mjs': 'text/javascript', '.wasm': 'application/wasm' };

const html = `<!doctype html><meta charset="utf-8"><title>bench</title>
<script type="module">
  import * as pastiche from '/dist/bundle/browser.js';
  import * as engine from '/dist/bundle/engine.browser.js';
  Object.assign(window, { pastiche, engine });
</script>`;

/** Starts Chromium. */
export const launch = () =>
  chromium.launch({
    executablePath: process.env.PASTICHE_TEST_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--enable-unsafe-webgpu', '--enable-features=Vulkan', '--no-first-run'],
  });

/** Serves the repository, and the page at its root. */
export async function serveRepository() {
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
    response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    if (path === '/') return response.setHeader('Content-Type', 'text/html').end(html);
    const file = join(root, path);
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    response.setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream');
    return createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}/`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
