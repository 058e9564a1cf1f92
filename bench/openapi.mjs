/* Writes docs/openapi.json, the description of the service: `node bench/openapi.mjs` after a build. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openService } from '../dist/service/open-service.node.js';

const data = await mkdtemp(join(tmpdir(), 'pastiche-openapi-'));
const service = await openService({ data, port: 0 });
const description = await (await fetch(`${service.address}/openapi.json`)).json();
await writeFile(
  new URL('../docs/openapi.json', import.meta.url),
  `${JSON.stringify(description, null, 2)}\n`,
);
await service.close();
await rm(data, { recursive: true });
