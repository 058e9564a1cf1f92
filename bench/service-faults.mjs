/*
 * Whether jobs survive a server that is killed: `node bench/service-faults.mjs [--jobs 1000] [--kills 10] [--workers 2]`.
 * Tiny jobs of two methods are handed in, each until it is answered, while the server is killed (SIGKILL) again and again. In
 * the end each has to be there once, done, with a result that decodes; one that was done before a kill must not be done again.
 * Prints one JSON object; the exit code is 1 where something is not so.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { JobWatch, kill, startServer, stop, tinyForm } from './service-client.mjs';

const { values } = parseArgs({
  options: { jobs: { type: 'string' }, kills: { type: 'string' }, workers: { type: 'string' } },
});
const jobs = Number(values.jobs ?? 1000);
const kills = Number(values.kills ?? 10);
const data = await mkdtemp(join(tmpdir(), 'pastiche-faults-'));
const flags = [
  '--workers',
  values.workers ?? '2',
  '--threads',
  '1',
  '--max-requests',
  '10000000',
  '--max-queue',
  '10000000',
];
let running = await startServer(data, flags);

const pause = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** Asks until there is an answer. */
async function insist(path, request) {
  for (;;) {
    try {
      const { address } = running;
      const response = await fetch(`${address}${path}`, request?.());
      if (response.status < 500 && response.status !== 429) return response;
    } catch {
      // The server is not there; it will be.
    }
    await pause(100);
  }
}

const accepted = new Map();
async function handIn() {
  for (let number = 0; number < jobs; number += 1) {
    const response = await insist('/jobs', () => ({
      method: 'POST',
      body: tinyForm(number),
      headers: { 'idempotency-key': `job-${number}` },
    }));
    const job = await response.json();
    if (!response.ok) throw new Error(JSON.stringify(job));
    accepted.set(number, job.id);
  }
}

const watch = new JobWatch(insist);
const handing = handIn();
for (let done = 0; done < kills; done += 1) {
  const target = Math.floor(((done + 1) * jobs) / (kills + 1));
  while ((await watch.countEnded()) < target) await pause(50);
  await kill(running.server);
  running = await startServer(data, flags);
}
await handing;
while (!(await watch.haveAllEnded())) await pause(100);

const { report, isSound } = await watch.verdict([...accepted.values()], { jobs, kills });
await stop(running.server);
await rm(data, { recursive: true });
console.log(JSON.stringify(report));
process.exit(isSound ? 0 : 1);
