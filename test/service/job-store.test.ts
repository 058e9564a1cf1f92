import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createRandom } from '../../src/random.js';
import { jobStatuses, type JobStatus } from '../../src/service/job.js';
import type { JobStore, NewJob } from '../../src/service/job-store.js';
import { QueueJobStore } from '../../src/service/queue-job-store.node.js';
import { connectRedis } from '../../src/service/redis-connection.node.js';
import { SqliteDatabase } from '../../src/service/sqlite-database.node.js';
import { SqliteJobStore } from '../../src/service/sqlite-job-store.node.js';
import { RedisServer, withoutRedis } from './redis-server.js';
import { newFolder } from './service-run.js';

const ends: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of ends.reverse()) await end();
});

const fail = (error: Error): void => {
  throw error;
};

const stores: readonly [name: string, open: () => Promise<JobStore>, isLeftOut: boolean][] = [
  ['a file', async () => SqliteJobStore.open(join(await newFolder(), 'jobs.sqlite')), false],
  [
    'a queue server',
    async () => {
      const server = await RedisServer.start(await newFolder());
      const redis = await connectRedis(server.address, fail);
      ends.push(
        () => server.kill(),
        () => redis.disconnect(),
      );
      return new QueueJobStore(redis, 60_000, fail);
    },
    withoutRedis,
  ],
];

const request = { method: 'texture', options: {}, suffix: '.png', pictures: {} };
const job = (id: string, parent?: string, idempotencyKey?: string): NewJob => ({
  ...{ id, owner: 'o', request, created: 1, idempotencyKey, fingerprint: 'f', parent },
});
const childrenOf = (id: string, count = 3): NewJob[] =>
  Array.from({ length: count }, (_, index) => job(`${id}${index}`, id));

/** What a job has to be where its parts are so: by the definition, from nothing but their states. */
function wholeOf(parts: readonly JobStatus[], hasBegun: boolean): JobStatus {
  if (parts.some((status) => status === 'queued' || status === 'running'))
    return hasBegun ? 'running' : 'queued';
  return (['cancelled', 'failed'] as const).find((status) => parts.includes(status)) ?? 'done';
}

describe.each(stores.map(([name, open, isLeftOut]) => ({ name, open, isLeftOut })))(
  'jobs that consist of others, in $name',
  ({ open, isLeftOut }) => {
    it.skipIf(isLeftOut)('are at all times what their parts make them', async () => {
      const store = await open();
      // The last of `b` waits for the others of it.
      const families = ['a', 'b', 'c', 'd'];
      const lastOfB = 'b2';
      const status = new Map<string, JobStatus>();
      for (const id of families) {
        const children = childrenOf(id).map((child) => ({ ...child, round: child.id === lastOfB ? 1 : 0 }));
        await store.add(job(id), 99, children);
        for (const child of childrenOf(id)) status.set(child.id, 'queued');
      }
      await store.add(job('single'), 99);
      status.set('single', 'queued');
      const begun = new Set<string>();
      const held = new Map<string, string>();
      const random = createRandom(5);
      const end = (kind: 'done' | 'failed' | 'cancelled', time: number) =>
        ({ status: kind, finished: time, expires: time + 1000 }) as const;
      const claim = async (time: number): Promise<void> => {
        const token = `t${time}`;
        const claimed = await store.claim({ token, until: Date.now() + 60_000 }, time);
        const isOpen = (id: string): boolean => ['queued', 'running'].includes(status.get(id)!);
        const waiting = [...status]
          .filter(([id, one]) => one === 'queued' && !(id === lastOfB && (isOpen('b0') || isOpen('b1'))))
          .map(([id]) => id);
        if (claimed === undefined) return expect(waiting).toEqual([]);
        expect(waiting).toContain(claimed.id);
        held.set(claimed.id, token);
        begun.add(claimed.id.slice(0, -1));
        status.set(claimed.id, 'running');
      };
      const conclude = async (time: number): Promise<void> => {
        const [first] = held;
        if (first === undefined) return;
        const [id, token] = first;
        held.delete(id);
        const kind = random.uniform() < 0.3 ? 'failed' : 'done';
        if (random.uniform() < 0.3) {
          await store.release(id, token, true);
          status.set(id, 'queued');
        } else {
          expect(await store.finish(id, token, end(kind, time))).toMatchObject({ id, status: kind });
          status.set(id, kind);
        }
        // Whoever has lost it, or has ended it, changes nothing more.
        expect(await store.finish(id, token, end('failed', time))).toBeUndefined();
      };
      const cancel = async (id: string, time: number): Promise<void> => {
        await store.cancel(id, end('cancelled', time));
        for (const [one, state] of status)
          if (state === 'queued' && (one === id || one.slice(0, -1) === id)) status.set(one, 'cancelled');
      };
      let time = 100;
      for (; [...status.values()].some((one) => one === 'queued' || one === 'running'); time += 1) {
        const choice = random.uniform();
        if (time === 110) await cancel('d', time);
        else if (time === 115) await cancel('c1', time);
        else if (choice < 0.5) await claim(time);
        else await conclude(time);
        for (const id of families) {
          const parts = (await store.children(id)).map((child) => child.status);
          expect(parts).toEqual(childrenOf(id).map((child) => status.get(child.id)));
          const whole = (await store.get(id))!;
          expect(whole.status).toBe(wholeOf(parts, begun.has(id)));
          expect(whole.children).toEqual({
            total: 3,
            ...Object.fromEntries(
              jobStatuses.map((one) => [one, parts.filter((part) => part === one).length]),
            ),
          });
          expect(whole.finished === undefined).toBe(['queued', 'running'].includes(whole.status));
        }
        const counted = Object.fromEntries(
          jobStatuses.map((one) => [one, [...status.values()].filter((state) => state === one).length]),
        );
        expect(await store.counts()).toEqual(counted);
      }
      expect(time).toBeGreaterThan(130);
      const { jobs } = await store.list('o', { limit: 9 });
      expect(jobs.map(({ id }) => id)).toEqual(['single', 'd', 'c', 'b', 'a']);
      expect([...(await store.expired(1e6))].sort()).toEqual([...families, 'single']);
      const removed = await store.remove('a');
      expect(removed.map(({ id }) => id).sort()).toEqual(['a', 'a0', 'a1', 'a2']);
      expect(await store.remove('a')).toEqual([]);
      expect([await store.get('a0'), await store.children('a')]).toEqual([undefined, []]);
      expect([...(await store.expired(1e6))].sort()).toEqual(['b', 'c', 'd', 'single']);
      expect(Object.values(await store.counts()).reduce((sum, one) => sum + one)).toBe(10);
      await store.close();
    });

    it.skipIf(isLeftOut)('are added with all of them or not at all, and once for a key', async () => {
      const store = await open();
      await store.add(job('single'), 4);
      expect(await store.add(job('a'), 4, childrenOf('a', 4))).toEqual({ kind: 'full' });
      expect([await store.get('a'), await store.children('a')]).toEqual([undefined, []]);
      expect(await store.add(job('b', undefined, 'key'), 4, childrenOf('b'))).toMatchObject({
        ...{ kind: 'added', job: { id: 'b', status: 'queued', children: { total: 3, queued: 3 } } },
      });
      const again = await store.add(job('c', undefined, 'key'), 99, childrenOf('c'));
      expect(again).toMatchObject({ kind: 'known', job: { id: 'b', children: { total: 3 } } });
      expect(await store.children('c')).toEqual([]);
      expect((await store.children('b')).map(({ id, parent }) => [id, parent])).toEqual(
        [0, 1, 2].map((index) => [`b${index}`, 'b']),
      );
      const claimed: (string | undefined)[] = [];
      for (let index = 0; index < 5; index++)
        claimed.push((await store.claim({ token: `t${index}`, until: Date.now() + 60_000 }, 1))?.id);
      expect(claimed).toEqual(['single', 'b0', 'b1', 'b2', undefined]);
      await store.close();
    });

    it.skipIf(isLeftOut)('have turns, so that no other job waits for all of one', async () => {
      const store = await open();
      let claims = 0;
      const claim = async (count = 1): Promise<(string | undefined)[]> => {
        const claimed: (string | undefined)[] = [];
        for (let index = 0; index < count; index++) {
          const lease = { token: `t${claims++}`, until: Date.now() + 60_000 };
          claimed.push((await store.claim(lease, 1))?.id);
        }
        return claimed;
      };
      await store.add(job('a'), 999, childrenOf('a', 200));
      expect(await claim(9)).toEqual(Array.from({ length: 9 }, (_, index) => `a${index}`));
      await store.add(job('one'), 999);
      await store.add(job('two'), 999);
      await store.add({ ...job('theirs'), owner: 'another' }, 999);
      await store.add(job('b'), 999, childrenOf('b', 3));
      // One of each in a turn: of the first parent, of each owner's single ones, of the second parent.
      expect(await claim(9)).toEqual(['a9', 'one', 'theirs', 'b0', 'a10', 'two', 'b1', 'a11', 'b2']);
      // Nobody has to wait for what comes later either: it begins where these are.
      for (let index = 0; index < 3; index++) await store.add(job(`late${index}`), 999);
      expect(await claim(6)).toEqual(['a12', 'late0', 'a13', 'late1', 'a14', 'late2']);
      // What is given back goes on before what waits.
      await store.release('a9', 't9', false);
      expect(await claim(2)).toEqual(['a9', 'a15']);
      // Where nothing waits, what is running comes before what is new.
      await store.remove('a');
      await store.add(job('c'), 999, childrenOf('c', 2));
      await store.release('late2', 't23', false);
      expect(await claim(4)).toEqual(['late2', 'c0', 'c1', undefined]);
      await store.close();
    });

    it.skipIf(isLeftOut)('are done round by round', async () => {
      const store = await open();
      const rounds = [0, 0, 1, 1, 2];
      await store.add(
        job('a'),
        99,
        childrenOf('a', 5).map((child, index) => ({ ...child, round: rounds[index] })),
      );
      const claim = async (token: string): Promise<string | undefined> =>
        (await store.claim({ token, until: Date.now() + 60_000 }, 1))?.id;
      const end = (status: 'done' | 'failed') => ({ status, finished: 1, expires: 9 });
      expect([await claim('t0'), await claim('t1'), await claim('t')]).toEqual(['a0', 'a1', undefined]);
      await store.finish('a0', 't0', end('done'));
      expect(await claim('t')).toBeUndefined();
      // Whatever becomes of it: the next ones see that something is missing.
      await store.finish('a1', 't1', end('failed'));
      expect([await claim('t2'), await claim('t3'), await claim('t')]).toEqual(['a2', 'a3', undefined]);
      await store.release('a3', 't3', true);
      await store.finish('a2', 't2', end('done'));
      expect([await claim('t3'), await claim('t')]).toEqual(['a3', undefined]);
      await store.finish('a3', 't3', end('done'));
      expect(await claim('t4')).toBe('a4');
      await store.finish('a4', 't4', end('done'));
      expect(await store.get('a')).toMatchObject({ status: 'failed', children: { done: 4, failed: 1 } });
      await store.close();
    });
  },
);

describe('a file of jobs of before there were such', () => {
  it('is opened with what it has', async () => {
    const path = join(await newFolder(), 'jobs.sqlite');
    const columns = `id TEXT NOT NULL UNIQUE, owner TEXT NOT NULL, request TEXT NOT NULL, created INTEGER NOT NULL,
      idempotency_key TEXT, fingerprint TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'queued', started INTEGER,
      finished INTEGER, expires INTEGER, attempts INTEGER NOT NULL DEFAULT 0,
      cancel_requested INTEGER NOT NULL DEFAULT 0, error TEXT, result TEXT, lease_token TEXT, lease_until INTEGER`;
    const database = await SqliteDatabase.open(
      path,
      `CREATE TABLE jobs (place INTEGER PRIMARY KEY AUTOINCREMENT, ${columns})`,
    );
    const insert = 'INSERT INTO jobs (id, owner, request, created, fingerprint) VALUES (?, ?, ?, ?, ?)';
    database.run(insert, 'old', 'o', JSON.stringify(request), 1, 'f');
    database.close();
    for (let opening = 0; opening < 2; opening++) {
      const store = await SqliteJobStore.open(path);
      expect((await store.list('o', { limit: 3 })).jobs).toMatchObject([
        { id: 'old', status: 'queued', children: undefined, parent: undefined },
      ]);
      await store.close();
    }
  });
});
