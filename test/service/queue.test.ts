import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/service/job.js';
import { QueueJobStore } from '../../src/service/queue-job-store.node.js';
import { connectRedis } from '../../src/service/redis-connection.node.js';
import { writeToyNetwork } from '../e2e/toy-network.js';
import { startShortWorker, startWorker } from './queue-workers.js';
import { RedisServer, withoutRedis } from './redis-server.js';
import { hasEnded, jobWith, newFolder, startService, tinyForm } from './service-run.js';

const started: RedisServer[] = [];
async function newRedis(): Promise<RedisServer> {
  const server = await RedisServer.start(await newFolder());
  started.push(server);
  return server;
}
afterAll(async () => {
  for (const server of started) await server.kill();
});

const fail = (error: Error): void => {
  throw error;
};

describe.skipIf(withoutRedis)('the store in a queue server', () => {
  const request = { method: 'texture', options: {}, suffix: '.png', pictures: {} };
  const job = (id: string, idempotencyKey?: string) => ({
    ...{ id, owner: 'o', request, created: 1, idempotencyKey, fingerprint: 'f' },
  });
  const lease = (token: string, time = 60_000) => ({ token, until: Date.now() + time });
  const end = (time = 60) => ({ status: 'done', finished: time, expires: time + 10 }) as const;

  it('gives each job to one, and takes its end from nobody else', async () => {
    const { address } = await newRedis();
    const redis = await connectRedis(address, fail);
    const store = new QueueJobStore(redis, 60_000, fail);
    for (let index = 0; index < 20; index++) await store.add(job(`j${index}`), 20);
    expect((await store.add(job('x'), 20)).kind).toBe('full');
    const claims = await Promise.all(
      Array.from({ length: 30 }, (_, index) => store.claim(lease(`t${index}`), 50)),
    );
    const ids = claims.filter((claimed) => claimed !== undefined).map(({ id }) => id);
    expect(ids.map((id) => Number(id.slice(1))).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 20 }, (_, index) => index),
    );
    const tokenOf = (id: string): string => `t${claims.findIndex((claimed) => claimed?.id === id)}`;
    expect(await store.finish('j0', tokenOf('j1'), end())).toBeUndefined();
    expect(await store.renew('j2', lease(tokenOf('j3')))).toBe('lost');
    expect(await store.renew('j2', lease(tokenOf('j2')))).toBe('held');
    await store.cancel('j2', { ...end(), status: 'cancelled' });
    expect(await store.renew('j2', lease(tokenOf('j2')))).toBe('cancelled');
    expect(await store.release('j4', tokenOf('j4'), true)).toMatchObject({ status: 'queued', attempts: 1 });
    expect((await store.claim(lease('again'), 60))?.id).toBe('j4');
    expect(await store.finish('j5', tokenOf('j5'), end())).toMatchObject({ status: 'done', finished: 60 });
    expect(await store.finish('j5', tokenOf('j5'), end())).toBeUndefined();
    expect(await store.counts()).toEqual({ queued: 0, running: 19, done: 1, failed: 0, cancelled: 0 });
    expect(await store.expired(70)).toEqual([]);
    expect(await store.expired(71)).toEqual(['j5']);
    expect(await store.remove('j5')).toEqual([{ id: 'j5', status: 'done' }]);
    expect(await store.get('j5')).toBeUndefined();
    await store.close();
    redis.disconnect();
  });

  it('knows a job by its key, delivers what was left undelivered, and lists page by page', async () => {
    const { address } = await newRedis();
    const redis = await connectRedis(address, fail);
    const store = new QueueJobStore(redis, 60_000, fail);
    const both = await Promise.all([store.add(job('a', 'key'), 9), store.add(job('b', 'key'), 9)]);
    expect(both.map(({ kind }) => kind).sort()).toEqual(['added', 'known']);
    const [one, other] = both.map((added) => (added.kind === 'full' ? '' : added.job.id));
    expect(one).toBe(other);
    for (const id of ['c', 'd', 'e']) await store.add(job(id), 9);
    const cancelled = await store.cancel('c', { ...end(), status: 'cancelled' });
    expect(cancelled).toMatchObject({ status: 'cancelled' });
    // As if a server had ended between the record and the delivery.
    await redis.del((await redis.keys('pastiche:queue:*')).filter((key) => !key.endsWith(':meta')));
    expect(await store.claim(lease('none'), 50)).toBeUndefined();
    expect(await store.requeueExpired()).toBe(3);
    expect(await store.requeueExpired()).toBe(0);
    const claimed: string[] = [];
    for (let index = 0; index < 4; index++)
      claimed.push((await store.claim(lease(`t${index}`), 50))?.id ?? 'none');
    expect(claimed).toEqual([one, 'd', 'e', 'none']);
    const first = await store.list('o', { limit: 3 });
    expect(first.jobs.map(({ id }) => id)).toEqual(['e', 'd', 'c']);
    const second = await store.list('o', { limit: 3, after: first.next });
    expect(second.jobs.map(({ id }) => id)).toEqual([one]);
    expect(second.next).toBeUndefined();
    expect((await store.list('another', { limit: 3 })).jobs).toEqual([]);
    await store.close();
    redis.disconnect();
  });
});

describe.skipIf(withoutRedis)('a queue server', () => {
  it('that does not answer, or is none, is told of', async () => {
    const data = await newFolder();
    const options = { code: 'E_ARGUMENT', option: 'queue' };
    await expect(startService({ data, queue: 'nonsense' })).rejects.toMatchObject(options);
    const away = startService({ data, queue: 'redis://user:secret@127.0.0.1:1' });
    const error = (await away.catch((cause: unknown) => cause)) as Error;
    expect(error).toMatchObject(options);
    expect(error.message).not.toContain('secret');
  });

  it('lets any server accept, follow, stop and give what a worker elsewhere does', async () => {
    const data = await newFolder();
    const { address: queue } = await newRedis();
    const [one, other] = [await startService({ data, queue }), await startService({ data, queue })];
    const { end } = await startWorker(queue, data);
    const handIn = async (options: object = {}): Promise<string> => {
      const body = await tinyForm(options);
      return ((await (await fetch(`${one.address}/jobs`, { method: 'POST', body })).json()) as Job).id;
    };
    const id = await handIn({ iterations: 40 });
    const events = await (await fetch(`${other.address}/jobs/${id}/events`)).text();
    const names = new Set([...events.matchAll(/^event: (\w+)$/gm)].map(([, name]) => name));
    expect([...names].sort()).toEqual(['job', 'preview', 'progress']);
    expect(await jobWith(other.address, id, hasEnded)).toMatchObject({ status: 'done', attempts: 0 });
    const picture = await (await fetch(`${other.address}/jobs/${id}/result`)).arrayBuffer();
    expect(await sharp(Buffer.from(picture)).metadata()).toMatchObject({ width: 48, height: 48 });
    const long = await handIn({ iterations: 100_000 });
    await jobWith(other.address, long, ({ progress }) => (progress?.iteration ?? 0) > 2);
    await fetch(`${other.address}/jobs/${long}/cancel`, { method: 'POST' });
    expect(await jobWith(one.address, long, hasEnded)).toMatchObject({
      status: 'cancelled',
      result: { stopped: 'cancelled' },
    });
    await end('SIGTERM');
  });

  it('gives the job of a worker that was killed to another one, which goes on to the very same picture', async () => {
    const data = await newFolder();
    const { address: queue } = await newRedis();
    const { address } = await startService({ data, queue });
    const options = { iterations: 60, seed: 7 };
    const first = await startShortWorker(queue, data);
    const body = await tinyForm(options);
    const { id } = (await (await fetch(`${address}/jobs`, { method: 'POST', body })).json()) as Job;
    await jobWith(address, id, ({ progress }) => (progress?.iteration ?? 0) > 5);
    await first.end('SIGKILL');
    const following = fetch(`${address}/jobs/${id}/events`).then((answer) => answer.text());
    const second = await startShortWorker(queue, data);
    const events = await following;
    // The first event is where the job stood; the next one of the job is the second worker's beginning.
    const goneOn = events.slice(events.indexOf('event: job', events.indexOf('event: job') + 1));
    const iteration = Number(/"iteration":(\d+)/.exec(goneOn)![1]);
    expect(iteration).toBeGreaterThan(1);
    expect(iteration).toBeLessThan(60);
    expect(await jobWith(address, id, hasEnded)).toMatchObject({ status: 'done', attempts: 0 });
    await second.end('SIGTERM');
    const calm = await startService();
    const again = await fetch(`${calm.address}/jobs`, { method: 'POST', body: await tinyForm(options) });
    const undisturbed = (await again.json()) as Job;
    await jobWith(calm.address, undisturbed.id, hasEnded);
    const [one, other] = await Promise.all(
      [`${address}/jobs/${id}/result`, `${calm.address}/jobs/${undisturbed.id}/result`].map(async (url) =>
        Buffer.from(await (await fetch(url)).arrayBuffer()),
      ),
    );
    expect(one!.length).toBeGreaterThan(1000);
    expect(one!.equals(other!)).toBe(true);
  });

  it('loses no job and has none done twice when workers are killed and it is itself', async () => {
    const script = join(import.meta.dirname, '../../bench/queue-faults.mjs');
    const env = { ...process.env, PASTICHE_MODELS: await writeToyNetwork() };
    const flags = ['--jobs', '12', '--kills', '1', '--workers', '2'];
    const { stdout } = await promisify(execFile)(process.execPath, [script, ...flags], { env });
    expect(JSON.parse(stdout)).toEqual({
      ...{ jobs: 12, kills: 1, restarts: 1, there: 12, done: 12 },
      ...{ lost: 0, doubled: 0, again: 0, undecoded: 0 },
    });
  });
});
