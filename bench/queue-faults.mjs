/*
 * Whether jobs survive workers that are killed and a queue server that is killed and started again:
 * `node bench/queue-faults.mjs [--jobs 200] [--kills 20] [--workers 3]`.
 * Tiny jobs of two methods are handed in at a server while workers, processes of their own, are killed (SIGKILL) again and again,
 * and in the middle the queue server, which has an append-only file. In the end each job has to be there once, done, with a result
 * that decodes; one that was done must not be done again. Prints one JSON object; the exit code is 1 where something is not so.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { freePort, startRedis } from './redis-server.mjs';
import { JobWatch, kill, startServer, stop, tinyForm } from './service-client.mjs';

const { values } = parseArgs({
  options: { jobs: { type: 'string' }, kills: { type: 'string' }, workers: { type: 'string' } },
});
const jobs = Number(values.jobs ?? 200);
const kills = Number(values.kills ?? 20);
const data = await mkdtemp(join(tmpdir(), 'pastiche-queue-faults-'));
const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

const port = await freePort();
const queue = `redis://127.0.0.1:${port}`;

const program = fileURLToPath(new URL('./queue-worker.mjs', import.meta.url));
async function startWorker() {
  const worker = spawn(process.execPath, [program, queue, data], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(worker.stdout, 'data');
  return worker;
}

let redis = await startRedis(port, data);
const { server, address } = await startServer(data, [
  '--queue',
  queue,
  '--max-requests',
  '10000000',
  '--max-queue',
  '10000000',
]);
const ask = async (path, request) => {
  const response = await fetch(`${address}${path}`, request);
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
  return response;
};

const accepted = [];
async function handIn() {
  for (let number = 0; number < jobs; number += 1) {
    const headers = { 'idempotency-key': `job-${number}` };
    const { id } = await (await ask('/jobs', { method: 'POST', body: tinyForm(number), headers })).json();
    accepted.push(id);
  }
}

const watch = new JobWatch(ask);
const handing = handIn();
const workers = await Promise.all(Array.from({ length: Number(values.workers ?? 3) }, startWorker));
for (let done = 0; done < kills; done += 1) {
  const target = Math.floor(((done + 1) * jobs) / (kills + 2));
  while ((await watch.countEnded()) < target) await pause(50);
  await kill(workers[done % workers.length]);
  if (done === Math.floor(kills / 2)) {
    await kill(redis);
    await pause(500);
    redis = await startRedis(port, data);
  }
  workers[done % workers.length] = await startWorker();
}
await handing;
while (!(await watch.haveAllEnded())) await pause(100);

const { report, isSound } = await watch.verdict(accepted, { jobs, kills, restarts: 1 });
await Promise.all([...workers, server].map(stop));
await kill(redis);
await rm(data, { recursive: true });
console.log(JSON.stringify(report));
process.exit(isSound ? 0 : 1);
