import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DiskJobFiles } from '../../src/service/disk-job-files.node.js';
import { SqliteJobStore } from '../../src/service/sqlite-job-store.node.js';
import { hasEnded, jobWith, newFolder, startService, tinyForm } from './service-run.js';
import type { Job } from '../../src/service/job.js';

describe('a service', () => {
  it('ends a job that takes too long with the best so far, and tells its numbers', async () => {
    const { address } = await startService({ limits: { jobSeconds: 1 } });
    const body = await tinyForm({ iterations: 100_000 });
    const { id } = (await (await fetch(`${address}/jobs`, { method: 'POST', body })).json()) as Job;
    expect(await jobWith(address, id, hasEnded)).toMatchObject({
      status: 'failed',
      error: { code: 'E_TIME' },
    });
    const metrics = await (await fetch(`${address}/metrics`)).text();
    expect(metrics).toMatch(
      /^pastiche_jobs_ended_total\{method="stylize",status="failed",code="E_TIME"\} 1$/m,
    );
    expect(metrics).toMatch(/^pastiche_jobs\{status="failed"\} 1$/m);
    expect(metrics).toMatch(/route="\/jobs\/:id",status="200"/);
    expect(metrics).not.toContain(id);
  });

  it('refuses a job that its plan says has no room, with what fits', async () => {
    const { address } = await startService({ limits: { jobMemory: 1e6 } });
    const { id } = (await (
      await fetch(`${address}/jobs`, { method: 'POST', body: await tinyForm() })
    ).json()) as Job;
    const { status, error, attempts } = await jobWith(address, id, hasEnded);
    expect({ status, attempts, code: error?.code }).toEqual({
      status: 'failed',
      attempts: 0,
      code: 'E_MEMORY',
    });
  });

  it('has a folder relative to where it was started, though its workers are elsewhere', async () => {
    const data = relative(process.cwd(), await newFolder());
    const { address } = await startService({ data });
    const { id } = (await (
      await fetch(`${address}/jobs`, { method: 'POST', body: await tinyForm() })
    ).json()) as Job;
    expect(await jobWith(address, id, hasEnded)).toMatchObject({ status: 'done' });
  });

  it('removes what a server that was killed has left of an upload', async () => {
    const data = await newFolder();
    const files = await DiskJobFiles.open(join(data, 'jobs'));
    const content = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('half');
    };
    await files.save('unfinished', 'input-0', content());
    await startService({ data });
    expect(await readdir(join(data, 'jobs'))).toEqual([]);
  });

  it('is started by a command, prints its address and ends by a signal', async () => {
    const main = join(import.meta.dirname, '../../dist/command-line/main.js');
    const data = await newFolder();
    const server = spawn(process.execPath, [main, 'serve', '--port', '0', '--data', data]);
    let [text, log] = ['', ''];
    server.stderr.on('data', (more) => (log += String(more)));
    for await (const more of server.stdout) {
      text += String(more);
      if (text.includes('\n')) break;
    }
    const address = /http:\S+/.exec(text)![0];
    expect(await (await fetch(`${address}/health`)).json()).toMatchObject({ status: 'ok' });
    server.kill('SIGTERM');
    expect(await once(server, 'exit')).toEqual([0, null]);
    for (const line of log.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  });
});

describe('the store', () => {
  const request = { method: 'texture', options: {}, suffix: '.png', pictures: {} };
  const job = (id: string) => ({
    ...{ id, owner: 'o', request, created: 1, idempotencyKey: undefined, fingerprint: 'f' },
  });

  it('gives each job to one, and takes its end from nobody else', async () => {
    const store = await SqliteJobStore.open(join(await newFolder(), 'jobs.sqlite'));
    for (let index = 0; index < 20; index++) await store.add(job(String(index)), 20);
    expect((await store.add(job('x'), 20)).kind).toBe('full');
    const claims = await Promise.all(
      Array.from({ length: 30 }, (_, index) => store.claim({ token: `t${index}`, until: 100 }, 50)),
    );
    const ids = claims.filter((claimed) => claimed !== undefined).map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => String(index)));
    const end = { status: 'done', finished: 60, expires: 70 } as const;
    expect(await store.finish('0', 't1', end)).toBeUndefined();
    expect(await store.renew('0', { token: 't1', until: 200 })).toBe('lost');
    expect(await store.renew('0', { token: 't0', until: 200 })).toBe('held');
    // All leases but the renewed one are over.
    expect(await store.requeueExpired(150)).toBe(19);
    expect(await store.finish('1', 't1', end)).toBeUndefined();
    expect(await store.finish('0', 't0', end)).toMatchObject({ status: 'done', finished: 60 });
    expect(await store.finish('0', 't0', end)).toBeUndefined();
    expect(await store.counts()).toEqual({ queued: 19, running: 0, done: 1, failed: 0, cancelled: 0 });
    expect(await store.expired(70)).toEqual([]);
    expect(await store.expired(71)).toEqual(['0']);
    await store.close();
  });
});
