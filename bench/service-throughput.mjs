/*
 * How many jobs the service gets done: `node bench/service-throughput.mjs [--jobs 100] [--cost 200]`.
 * With 1, 2 and 4 workers whose work is only waiting, so that the number of processors doesn't count: `cost` milliseconds a job, and
 * none at all, which is as fast as the queue itself is. With jobs in SQLite, and in Redis where there is a redis-server. All jobs are
 * handed in before the first one may begin. Prints a JSON object for each.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openService } from '../dist/service/open-service.node.js';
import { freePort, startRedis } from './redis-server.mjs';
import { tinyPicture } from './service-client.mjs';

const { values } = parseArgs({ options: { jobs: { type: 'string' }, cost: { type: 'string' } } });
const jobs = Number(values.jobs ?? 100);
const cost = Number(values.cost ?? 200);
const picture = new Blob([await tinyPicture(1)]);
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));
const limits = { queue: Infinity, requestsPerMinute: 1e9 };

async function measure(store, workers, milliseconds, queue) {
  const data = await mkdtemp(join(tmpdir(), 'pastiche-throughput-'));
  process.env.PASTICHE_BENCH_GATE = join(data, 'gate');
  const workerProgram = new URL('./waiting-worker.mjs', import.meta.url);
  const service = await openService({ data, port: 0, workers, threads: 1, limits, workerProgram, queue });
  for (let number = 0; number < jobs; number += 1) {
    const body = new FormData();
    body.set('method', 'stylize');
    body.set('options', JSON.stringify({ seed: milliseconds }));
    body.set('content', picture, 'a.png');
    body.set('styles', picture, 'b.png');
    const response = await fetch(`${service.address}/jobs`, { method: 'POST', body });
    if (!response.ok) throw new Error(await response.text());
  }
  const begun = performance.now();
  await writeFile(process.env.PASTICHE_BENCH_GATE, '');
  for (let ended = 0; ended < jobs;) {
    await pause(20);
    const text = await (await fetch(`${service.address}/metrics`)).text();
    ended = [...text.matchAll(/^pastiche_jobs_ended_total\{.*\} (\d+)$/gm)].reduce(
      (sum, [, count]) => sum + Number(count),
      0,
    );
  }
  const seconds = (performance.now() - begun) / 1000;
  console.log(JSON.stringify({ store, workers, milliseconds, jobs, perSecond: jobs / seconds }));
  await service.close();
  await rm(data, { recursive: true });
}

async function measureAll(store, queueOf) {
  for (const milliseconds of [cost, 0]) {
    for (const workers of [1, 2, 4]) {
      const { queue, end } = await queueOf();
      await measure(store, workers, milliseconds, queue);
      await end();
    }
  }
}

await measureAll('sqlite', async () => ({ end: async () => undefined }));
if (spawnSync('redis-server', ['--version']).status === 0) {
  await measureAll('redis', async () => {
    const [dir, port] = [await mkdtemp(join(tmpdir(), 'pastiche-redis-')), await freePort()];
    const server = await startRedis(port, dir);
    const end = async () => {
      server.kill('SIGKILL');
      await rm(dir, { recursive: true, force: true, maxRetries: 5 });
    };
    return { queue: `redis://127.0.0.1:${port}`, end };
  });
} else console.log('There is no redis-server: jobs in Redis are left out.');
