import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { ServiceClient } from '../../src/client.js';
import { runFiles } from '../../src/jobs/run-files.node.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import type { Job, JobList } from '../../src/service/job.js';
import type { JobRequest, StoredJob } from '../../src/service/job-store.js';
import { partsBefore, pictureParts } from '../../src/service/picture-flow.js';
import { encodeStyleModel } from '../../src/networks/style-model.js';
import { writeToyNetwork } from '../e2e/toy-network.js';
import { toyStyleModel } from '../toy-style-model.js';
import { endedAfterAll, startShortWorker, type RunningProgram } from './queue-workers.js';
import { RedisServer, withoutRedis } from './redis-server.js';
import { S3Stub, useS3 } from './s3-servers.js';
import { form, hasEnded, jobWith, newFolder, startService } from './service-run.js';

const request: JobRequest = { method: 'apply', options: {}, suffix: '.png', pictures: {} };
const division = { width: 600, height: 400, tiles: 24, rounds: 3 };

describe('a large picture as jobs', () => {
  it('has each round of each part once, and is joined at the end', () => {
    const parts = pictureParts(request, division, { pixels: 60_000, most: 200 }).map(({ part }) => part!);
    expect(parts).toHaveLength(17);
    expect(parts.pop()).toEqual({ join: true, rounds: 3 });
    for (const [index, part] of parts.entries())
      expect(part).toEqual({ number: (index % 4) + 1, count: 4, round: Math.floor(index / 4), rounds: 3 });
  });

  it('is divided as far as there are tiles and room, or not at all', () => {
    const count = (pixels: number, most: number, tiles = 24): number =>
      pictureParts(request, { ...division, tiles }, { pixels, most }).length;
    expect(count(240_000, 200)).toBe(0);
    expect(count(239_999, 200)).toBe(9);
    expect(count(1000, 200, 5)).toBe(21);
    expect(count(1000, 20)).toBe(17);
    expect(count(1000, 8)).toBe(0);
  });

  it('needs all parts of the round before', () => {
    const jobs = pictureParts(request, division, { pixels: 150_000, most: 200 }).map(
      (one, index): StoredJob =>
        ({ id: `j${index}`, request: one, status: 'done', result: { files: [{ name: 'f' }] } }) as never,
    );
    const before = (job: StoredJob, all = jobs): string[] | undefined =>
      partsBefore(job, all)?.map(({ id }) => id);
    expect(before(jobs[1]!)).toEqual([]);
    expect(before(jobs[2]!)).toEqual(['j0', 'j1']);
    expect(before(jobs[8]!)).toEqual(['j6', 'j7']);
    const failed = jobs.map((job) => (job.id === 'j7' ? ({ ...job, status: 'failed' } as const) : job));
    expect(before(jobs[8]!, failed)).toBeUndefined();
    expect(before(jobs[6]!, failed)).toEqual(['j4', 'j5']);
  });
});

describe('a large picture that is sent', () => {
  const options = { tile: 64 };
  const limits = { partPixels: 11_000 };
  let [data, address] = ['', ''];
  let picture: Buffer;
  let whole: Buffer;
  /** What the command makes of it, in tiles, as a file. */
  let tiled: Buffer;
  /** The right half of it by itself. */
  let half: Buffer;
  const pixelsOf = (file: Buffer): Promise<Buffer> => sharp(file).raw().toBuffer();

  beforeAll(async () => {
    data = await newFolder();
    ({ address } = await startService({ data, workers: 2, limits }));
    // Five normalisations, and random weights.
    await writeFile(join(await writeToyNetwork(), 'toy.onnx'), encodeStyleModel(toyStyleModel()));
    const [width, height] = [203, 150];
    const values = Buffer.alloc(width * height * 3);
    for (let i = 0; i < values.length; i++) {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      // Lighter to the right: parts of it by themselves would have other statistics.
      values[i] = x * (0.4 + 0.2 * (i % 3)) + 40 + 40 * Math.sin((x * (i % 3) + y * 3) / 9);
    }
    picture = await sharp(values, { raw: { width, height, channels: 3 } })
      .png()
      .toBuffer();
    const folder = await newFolder();
    const source = join(folder, 'input-0');
    await writeFile(source, picture);
    const runtime = createNativeRuntime({ threads: 1 });
    const apply = async (name: string, more: object): Promise<Buffer> => {
      const [output, pictures] = [join(folder, name), { picture: source }];
      await runFiles('apply', { network: 'toy', pictures, output, options: more, runtime });
      return readFile(output);
    };
    [whole, tiled] = [await apply('whole.png', {}), await apply('tiled.png', options)];
    await sharp(picture).extract({ left: 100, top: 0, width: 103, height: 150 }).toFile(`${source}.png`);
    await rename(`${source}.png`, source);
    half = await apply('half.png', {});
    await runtime.dispose();
  });

  const handIn = async (to: string, more: object = {}): Promise<Job> => {
    const body = form('apply', { ...options, ...more }, { picture }, { network: 'toy' });
    const response = await fetch(`${to}/jobs`, { method: 'POST', body });
    if (!response.ok) throw new Error(await response.text());
    return (await response.json()) as Job;
  };
  const partsOf = async (to: string, id: string): Promise<readonly Job[]> =>
    ((await (await fetch(`${to}/jobs/${id}/children?limit=100`)).json()) as JobList).jobs;

  /** Whether a result is what one machine makes: that of the same tiles, and within 2 of 255 that of the whole. */
  async function expectAlike(to: string, { id }: Job): Promise<void> {
    const response = await fetch(`${to}/jobs/${id}/result`);
    expect(response.headers.get('content-type')).toBe('image/png');
    const file = Buffer.from(await response.arrayBuffer());
    const [found, asTiled, asWhole] = await Promise.all([file, tiled, whole].map(pixelsOf));
    expect(found!.length).toBe(asWhole!.length);
    const largest = (other: Buffer): number =>
      found!.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
    expect(largest(asTiled!)).toBeLessThanOrEqual(1);
    expect(largest(asWhole!)).toBeLessThanOrEqual(2);
    const described = await Promise.all([file, tiled].map(async (one) => (await sharp(one).metadata()).exif));
    expect(described[0]!.equals(described[1]!)).toBe(true);
  }

  it('would not be what it is without what the parts know of each other', async () => {
    const rightHalf = await sharp(whole)
      .extract({ left: 100, top: 0, width: 103, height: 150 })
      .raw()
      .toBuffer();
    const alone = await pixelsOf(half);
    const differing = alone.filter((value, i) => Math.abs(value - rightHalf[i]!) > 4).length;
    expect(differing).toBeGreaterThan(alone.length / 4);
  });

  it('is painted in parts as it would be by one, and leaves nothing but its result', async () => {
    const client = new ServiceClient(address);
    const { id, children } = await handIn(address);
    expect(children!.total).toBe(6 * 3 + 1);
    const progress: number[] = [];
    for await (const event of client.follow(id))
      if (event.type === 'job' && event.job.progress !== null) progress.push(event.job.progress.done);
    expect(progress.length).toBeGreaterThan(5);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    const job = await client.job(id);
    expect(job).toMatchObject({ status: 'done', error: null, children: { done: 19 } });
    expect(job.result).toEqual({
      ...{ stopped: 'finished', numbers: {} },
      files: [{ name: 'result.png', type: 'image/png', bytes: expect.any(Number) as number }],
    });
    await expectAlike(address, job);
    const parts = await partsOf(address, id);
    expect(parts[5]!.name).toBe('3/3, round 2/6');
    for (let round = 1; round < 7; round++) {
      const ends = parts.slice(3 * (round - 1), 3 * round).map(({ finished }) => Date.parse(finished!));
      const starts = parts.slice(3 * round, 3 * (round + 1)).map(({ started }) => Date.parse(started!));
      expect(Math.max(...ends)).toBeLessThanOrEqual(Math.min(...starts));
    }
    await expect
      .poll(async () => (await readdir(join(data, 'jobs'))).sort())
      .toEqual([id, parts[18]!.id].sort());
    await fetch(`${address}/jobs/${id}`, { method: 'DELETE' });
    await expect.poll(() => readdir(join(data, 'jobs'))).toEqual([]);
  });

  it('that is stopped has no result, and one that can not be done says why', async () => {
    const { id } = await handIn(address);
    await jobWith(address, id, ({ children }) => children!.done > 2);
    await fetch(`${address}/jobs/${id}/cancel`, { method: 'POST' });
    const job = await jobWith(address, id, hasEnded);
    expect(job).toMatchObject({ status: 'cancelled', result: null, children: { queued: 0, running: 0 } });
    expect((await fetch(`${address}/jobs/${id}/result`)).status).toBe(404);
    const { id: second } = await handIn(address, { style: ['nobody'] });
    const failed = await jobWith(address, second, hasEnded);
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'E_ARGUMENT' }, children: null });
    const { id: third } = await handIn(address);
    await jobWith(address, third, ({ status }) => status === 'running');
    for (const one of [id, second, third]) await fetch(`${address}/jobs/${one}`, { method: 'DELETE' });
    await expect.poll(() => readdir(join(data, 'jobs')), { timeout: 20_000 }).toEqual([]);
  });

  it('is not divided where that would be of no use', async () => {
    for (const more of [{ preserveColors: 'chroma' }, { strength: 0 }, { tile: undefined }]) {
      const { id, children } = await handIn(address, more);
      expect(children).toBeNull();
      await fetch(`${address}/jobs/${id}`, { method: 'DELETE' });
    }
    const { address: alone } = await startService();
    expect((await handIn(alone)).children).toBeNull();
  });

  describe.skipIf(withoutRedis)('to a queue server, with storage in S3', () => {
    const { servers, programs } = endedAfterAll();

    it('comes to the same, though a worker is killed at one of its parts', async () => {
      const [storage, server] = [await S3Stub.start(), await RedisServer.start(await newFolder())];
      servers.push(server);
      const [queue, files] = [server.address, useS3(storage.endpoint)];
      const { address: one } = await startService({ data: await newFolder(), queue, files, limits });
      const start = async (): Promise<RunningProgram> => startShortWorker(queue, await newFolder(), files);
      programs.push(await start(), await start());
      const { id } = await handIn(one);
      await jobWith(one, id, ({ children }) => children!.done > 3 && children!.running === 2);
      await programs.pop()!.end('SIGKILL');
      const job = await jobWith(one, id, hasEnded);
      expect(job).toMatchObject({ status: 'done', children: { total: 19, done: 19 } });
      await expectAlike(one, job);
      const joined = (await partsOf(one, id)).at(-1)!.id;
      await expect.poll(() => [...storage.objects.keys()]).toEqual([`shop/jobs/${joined}/result.png`]);
    });
  });
});
