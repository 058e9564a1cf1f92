/*
 * How many requests the service answers while jobs run: `node bench/service-load.mjs [--seconds 10] [--connections 10]`.
 * Loads the routes of handing in and of asking for a job, by autocannon, and prints requests a second with the 50th and the
 * 99th percentile of the time until an answer, in milliseconds.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { startServer, stop, tinyForm } from './service-client.mjs';

const { values } = parseArgs({ options: { seconds: { type: 'string' }, connections: { type: 'string' } } });
const duration = Number(values.seconds ?? 10);
const connections = Number(values.connections ?? 10);
const data = await mkdtemp(join(tmpdir(), 'pastiche-load-'));
const flags = ['--workers', '1', '--threads', '1', '--max-requests', '10000000', '--max-queue', '10000000'];
const { server, address } = await startServer(data, flags);

// Jobs that run during all of it.
const jobs = await Promise.all(
  Array.from({ length: 20 }, async (_, number) => {
    const response = await fetch(`${address}/jobs`, { method: 'POST', body: tinyForm(2 * number) });
    return (await response.json()).id;
  }),
);
const form = new Response(tinyForm(1));
const body = Buffer.from(await form.arrayBuffer());
const headers = { 'content-type': form.headers.get('content-type') };

async function load(what, request) {
  const { requests, latency, non2xx, errors } = await autocannon({ duration, connections, ...request });
  const row = { what, second: requests.average, p50: latency.p50, p99: latency.p99, refused: non2xx, errors };
  console.log(JSON.stringify(row));
}
await load('ask for a job', { url: `${address}/jobs/${jobs[0]}` });
await load('hand in a job', { url: `${address}/jobs`, method: 'POST', body, headers });
await stop(server);
await rm(data, { recursive: true });
