import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/service/job.js';
import { writeToyNetwork } from '../e2e/toy-network.js';
import { hasEnded, jobWith, newFolder, startService, tinyForm, workerProgram } from './service-run.js';

const crashing = pathToFileURL(join(import.meta.dirname, 'crashing-worker.mjs'));
process.env['PASTICHE_TEST_WORKER'] = workerProgram.href;

async function handIn(address: string, options: object): Promise<string> {
  const response = await fetch(`${address}/jobs`, { method: 'POST', body: await tinyForm(options) });
  return ((await response.json()) as Job).id;
}

const resultOf = async (address: string, id: string): Promise<Buffer> =>
  Buffer.from(await (await fetch(`${address}/jobs/${id}/result`)).arrayBuffer());

describe('a worker that ends', () => {
  it('takes no other job with it, and a job that ends it again is given up', async () => {
    const { address } = await startService({
      workerProgram: crashing,
      limits: { jobMemory: 5e8 },
    });
    const poison = await handIn(address, { seed: 901 });
    const greedy = await handIn(address, { seed: 903, iterations: 100_000 });
    const sound = await handIn(address, { seed: 1 });
    expect(await jobWith(address, poison, hasEnded)).toMatchObject({
      status: 'failed',
      attempts: 2,
      error: { code: 'E_WORKER', message: 'The process that computed it ended (SIGKILL).' },
    });
    const { status, attempts, error } = await jobWith(address, greedy, hasEnded);
    expect({ status, attempts, code: error?.code }).toEqual({
      status: 'failed',
      attempts: 2,
      code: 'E_MEMORY',
    });
    expect(error!.remedy).not.toBe('');
    expect(await jobWith(address, sound, hasEnded)).toMatchObject({ status: 'done', attempts: 0 });
  });

  it('leaves its job a state, from which another one comes to the very same picture', async () => {
    const { address } = await startService({ workerProgram: crashing, saveEverySeconds: 0 });
    const iterations = 120;
    const disturbed = await handIn(address, { seed: 902, iterations });
    const first = { ...(await jobWith(address, disturbed, ({ attempts }) => attempts === 1)) };
    expect(first.status).not.toBe('failed');
    const going = await jobWith(address, disturbed, ({ progress }) => (progress?.iteration ?? 0) > 0);
    expect(await jobWith(address, disturbed, hasEnded)).toMatchObject({ status: 'done', attempts: 1 });
    expect(going.progress!.iteration!).toBeGreaterThan(1);
    const calm = await startService();
    const undisturbed = await handIn(calm.address, { seed: 902, iterations });
    await jobWith(calm.address, undisturbed, hasEnded);
    const [one, other] = [await resultOf(address, disturbed), await resultOf(calm.address, undisturbed)];
    expect(one.length).toBeGreaterThan(1000);
    expect(one.equals(other)).toBe(true);
  });
});

describe('a service', () => {
  it('that is stopped lets a running job save, and the next one goes on with it', async () => {
    const data = await newFolder();
    const before = await startService({ data, saveEverySeconds: 1000 });
    const id = await handIn(before.address, { iterations: 3000 });
    const { progress } = await jobWith(before.address, id, (job) => (job.progress?.iteration ?? 0) > 3);
    await before.close();
    expect(await readdir(join(data, 'jobs', id))).toContain('result.state.safetensors');
    const { address } = await startService({ data });
    const later = await jobWith(address, id, (job) => job.progress !== null);
    expect(later.attempts).toBe(0);
    expect(later.progress!.iteration!).toBeGreaterThan(progress!.iteration!);
    await fetch(`${address}/jobs/${id}`, { method: 'DELETE' });
  });

  it('has its data folder for itself', async () => {
    const data = await newFolder();
    await startService({ data });
    await expect(startService({ data })).rejects.toMatchObject({ code: 'E_ARGUMENT', option: 'data' });
  });

  it('that is killed loses no job and does none twice', async () => {
    const script = join(import.meta.dirname, '../../bench/service-faults.mjs');
    const environment = { ...process.env, PASTICHE_MODELS: await writeToyNetwork() };
    const { stdout } = await promisify(execFile)(process.execPath, [script, '--jobs', '12', '--kills', '2'], {
      env: environment,
    });
    expect(JSON.parse(stdout)).toEqual({
      ...{ jobs: 12, kills: 2, there: 12, done: 12 },
      ...{ lost: 0, doubled: 0, again: 0, undecoded: 0 },
    });
  });
});
