import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import sharp from 'sharp';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { replaceFile } from '../../src/replace-file.node.js';
import { stateName } from '../../src/service/job-output.node.js';
import { openWorkers } from '../../src/service/open-workers.node.js';
import { readS3Address, type S3Address } from '../../src/service/s3-address.node.js';
import { S3Bucket } from '../../src/service/s3-bucket.node.js';
import { S3JobFiles } from '../../src/service/s3-job-files.node.js';
import type { Job } from '../../src/service/job.js';
import { RedisServer, withoutRedis } from './redis-server.js';
import { addressAt, S3Stub, startS3rver, useS3 } from './s3-servers.js';
import {
  hasEnded,
  jobWith,
  newFolder,
  pictureBytes,
  startService,
  tinyForm,
  workerProgram,
} from './service-run.js';

const opened: S3JobFiles[] = [];
afterAll(async () => {
  for (const files of opened) await files.close();
});
afterEach(() => {
  vi.unstubAllEnvs();
});

async function openFiles(address: S3Address): Promise<S3JobFiles> {
  const files = await S3JobFiles.open(new S3Bucket(address, 1));
  opened.push(files);
  return files;
}

async function* inParts(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

async function readAll(files: S3JobFiles, job: string, name: string): Promise<Buffer | undefined> {
  const file = await files.read(job, name);
  return file && (await buffer(file.content));
}

const result = (bytes: number) => ({ name: 'result.png', type: 'image/png', bytes });

describe('the address of stored pictures', () => {
  const environment = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'hidden',
  };

  it('has a bucket, a prefix and the server, which is that of the region unless another one is named', () => {
    const read = (address: string, more: object = {}) => readS3Address(address, { ...environment, ...more });
    expect(read('s3://shop/a/b/')).toMatchObject({
      ...{ bucket: 'shop', prefix: 'a/b/', endpoint: 'https://s3.eu-central-1.amazonaws.com' },
      ...{ region: 'eu-central-1', sessionToken: undefined },
    });
    const both = { AWS_ENDPOINT_URL: 'http://other:1', AWS_ENDPOINT_URL_S3: 'http://here:9000/' };
    expect(read('s3://shop', both)).toMatchObject({ prefix: '', endpoint: 'http://here:9000' });
    expect(read('s3://shop', { AWS_ENDPOINT_URL: 'http://other:1' }).endpoint).toBe('http://other:1');
  });

  it.each(['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])('needs %s', (name) => {
    const read = () => readS3Address('s3://shop', { ...environment, [name]: '' });
    const remedy = `Set ${name}.`;
    expect(read).toThrow(expect.objectContaining({ code: 'E_ARGUMENT', option: 'files', remedy }));
  });

  it.each([
    '/mnt/x',
    's3://',
    's3://Shop',
    's3://shop/../x',
    's3://shop/a b',
    's3://shop//a',
    's3://u:p@shop',
  ])('is not %s', (address) => {
    expect(() => readS3Address(address, environment)).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', option: 'files' }),
    );
  });

  it('repeats no password', () => {
    const endpoint = 'https://user:hidden@host';
    const read = () => readS3Address('s3://shop', { ...environment, AWS_ENDPOINT_URL_S3: endpoint });
    expect(read).toThrow(/AWS_ENDPOINT_URL_S3/);
    expect(read).not.toThrow(/hidden/);
  });
});

describe('files of jobs in S3', () => {
  it('go from a server to a worker and back, and are gone in the end', async () => {
    const endpoint = await startS3rver(await newFolder());
    const [server, worker] = [await openFiles(addressAt(endpoint)), await openFiles(addressAt(endpoint))];
    const job = randomUUID();
    const picture = randomBytes(300_000);
    await server.save(job, 'input-0', inParts(picture.subarray(0, 7), picture.subarray(7)));
    const seen = await server.checkOut(job);
    expect(picture.equals(await readFile(join(seen, 'input-0')))).toBe(true);
    await server.leave(job);
    expect(existsSync(seen)).toBe(false);
    const folder = await worker.checkOut(job);
    expect(picture.equals(await readFile(join(folder, 'input-0')))).toBe(true);
    await writeFile(join(folder, stateName), 'first');
    await worker.checkIn(job, [stateName]);
    await writeFile(join(folder, stateName), 'second');
    await worker.checkIn(job, [stateName, 'not-written']);
    expect(String(await readAll(server, job, stateName))).toBe('second');
    await mkdir(join(folder, 'result'));
    await writeFile(join(folder, 'result/style.png'), picture);
    const results = [{ ...result(1), name: 'result/style.png' }, result(5)];
    expect(await worker.publish(job, results)).toEqual([{ ...results[0], bytes: picture.length }]);
    await worker.keepOnly(job, ['result/style.png']);
    await worker.leave(job);
    expect(await server.read(job, 'input-0')).toBeUndefined();
    expect(await server.read(job, stateName)).toBeUndefined();
    expect(picture.equals((await readAll(server, job, 'result/style.png'))!)).toBe(true);
    const [known, ...others] = await server.jobs();
    expect(others).toEqual([]);
    expect(known!.id).toBe(job);
    expect(Math.abs(known!.changed - Date.now())).toBeLessThan(600_000);
    await server.remove(job);
    expect(await server.jobs()).toEqual([]);
  });

  it('leave nothing of an upload that breaks', async () => {
    const stub = await S3Stub.start();
    const files = await openFiles(addressAt(stub.endpoint));
    const broken = async function* () {
      yield randomBytes(9);
      throw new Error('gone');
    };
    const job = randomUUID();
    await expect(files.save(job, 'input-0', broken())).rejects.toThrow('gone');
    stub.refusals.push([403, 'AccessDenied']);
    await expect(files.save(job, 'input-1', inParts(randomBytes(9)))).rejects.toMatchObject({
      code: 'E_STORAGE',
    });
    expect(stub.objects.size).toBe(0);
    await files.save(job, 'input-0', inParts(randomBytes(9)));
    expect([...stub.objects.keys()]).toEqual([`shop/jobs/${job}/input-0`]);
  });

  it.each([true, false])(
    'have one result, with conditions known to the server: %s',
    async (knowsConditions) => {
      const stub = await S3Stub.start();
      stub.knowsConditions = knowsConditions;
      const job = randomUUID();
      const publish = async (text: string) => {
        const files = await openFiles(addressAt(stub.endpoint));
        await writeFile(join(await files.checkOut(job), 'result.png'), text);
        const published = await files.publish(job, [result(text.length)]);
        await files.leave(job);
        return published;
      };
      expect(await publish('the first')).toEqual([result(9)]);
      // The late one's own file was fetched with the others and is written anew.
      expect(await publish('another, which is late')).toEqual([result(9)]);
      expect(String(stub.objects.get(`shop/jobs/${job}/result.png`))).toBe('the first');
    },
  );

  it('stay here as long as one works on them', async () => {
    const stub = await S3Stub.start();
    const files = await openFiles(addressAt(stub.endpoint));
    const job = randomUUID();
    const folder = await files.checkOut(job);
    await files.checkOut(job);
    await files.leave(job);
    expect(existsSync(folder)).toBe(true);
    await files.leave(job);
    expect(existsSync(folder)).toBe(false);
  });

  it('have the last of many states, and none that comes after the end', async () => {
    const stub = await S3Stub.start();
    const files = await openFiles(addressAt(stub.endpoint));
    const job = randomUUID();
    const folder = await files.checkOut(job);
    const saved: Promise<void>[] = [];
    for (let index = 0; index < 20; index++) {
      await replaceFile(join(folder, stateName), Buffer.from(`state ${index}`));
      saved.push(files.checkIn(job, [stateName]));
    }
    await Promise.all(saved);
    expect(String(stub.objects.get(`shop/jobs/${job}/${stateName}`))).toBe('state 19');
    void files.checkIn(job, [stateName]);
    await files.keepOnly(job, []);
    expect(stub.objects.size).toBe(0);
    await files.leave(job);
  });

  it('are deleted page by page, and nothing else is', async () => {
    const stub = await S3Stub.start();
    const files = await openFiles(addressAt(stub.endpoint));
    const [job, other] = [randomUUID(), randomUUID()];
    for (let index = 0; index < 5; index++) stub.objects.set(`shop/jobs/${job}/input-${index}`, Buffer.of(1));
    const others = [`shop/jobs/${other}/input-0`, 'shop/jobs/notes/a.txt', `elsewhere/jobs/${job}/x`];
    for (const key of others) stub.objects.set(key, Buffer.of(1));
    const found = await files.jobs();
    expect(found.map(({ id }) => id).sort()).toEqual([job, other].sort());
    expect(found[0]!.changed).toBe(1e12);
    await files.remove(job);
    expect([...stub.objects.keys()]).toEqual(others);
  });
});

describe('storage that fails', () => {
  it.each([
    [403, 'AccessDenied', /refuses: it answers 403 AccessDenied/],
    [404, 'NoSuchBucket', /has no bucket "pictures"/],
    [301, 'PermanentRedirect', /has the bucket elsewhere/],
    [400, 'ExpiredToken', /answers 400 ExpiredToken/],
  ])('is told of at the start: %i', async (status, code, message) => {
    const stub = await S3Stub.start();
    stub.refusals.push([status, code]);
    const error = await openFiles(addressAt(stub.endpoint)).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      code: 'E_STORAGE',
      option: 'files',
      message: expect.stringMatching(message),
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('by a wrong key is told of without it', async () => {
    const stub = await S3Stub.start();
    const address = addressAt(stub.endpoint, { accessKeyId: 'wrong', secretAccessKey: 'hidden' });
    const error = (await openFiles(address).catch((cause: unknown) => cause)) as Error;
    expect(error).toMatchObject({ message: expect.stringContaining('InvalidAccessKeyId') });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('hidden');
  });

  it('by a missing bucket or a server that is not there is told of', async () => {
    const endpoint = await startS3rver(await newFolder());
    await expect(openFiles(addressAt(endpoint, { bucket: 'nowhere' }))).rejects.toThrow(
      /no bucket "nowhere"/,
    );
    const away = openFiles(addressAt('http://127.0.0.1:1'));
    await expect(away).rejects.toMatchObject({
      code: 'E_STORAGE',
      message: expect.stringMatching(/reached/),
    });
  });

  it('for a moment is asked again, and not for ever', async () => {
    const stub = await S3Stub.start();
    const files = await openFiles(addressAt(stub.endpoint));
    const job = randomUUID();
    stub.refusals.push([503, 'SlowDown'], [500, 'InternalError'], [503, 'SlowDown']);
    await files.save(job, 'input-0', inParts(Buffer.from('a picture')));
    expect(String(stub.objects.get(`shop/jobs/${job}/input-0`))).toBe('a picture');
    stub.refusals.push(...Array.from({ length: 5 }, (): [number, string] => [503, 'SlowDown']));
    await expect(files.read(job, 'input-0')).rejects.toThrow(/503 SlowDown/);
    expect(String(await readAll(files, job, 'input-0'))).toBe('a picture');
  });

  it('in the middle of a download is asked again, or told of', async () => {
    const stub = await S3Stub.start();
    const files = await openFiles(addressAt(stub.endpoint));
    const job = randomUUID();
    const picture = randomBytes(100_000);
    stub.objects.set(`shop/jobs/${job}/input-0`, picture);
    stub.truncations = 2;
    expect(picture.equals(await readFile(join(await files.checkOut(job), 'input-0')))).toBe(true);
    await files.leave(job);
    stub.truncations = 1;
    await expect(readAll(files, job, 'input-0')).rejects.toThrow(/after \d+ of 100000 bytes/);
    stub.truncations = 9;
    await expect(files.checkOut(job)).rejects.toMatchObject({ code: 'E_STORAGE' });
    await files.leave(job);
  });
});

describe('a service with pictures in S3', () => {
  it('needs a queue', async () => {
    await expect(startService({ files: 's3://pictures' })).rejects.toMatchObject({
      ...{ code: 'E_ARGUMENT', option: 'files' },
    });
  });

  it.skipIf(withoutRedis)('does a job that a worker with nothing of its folder takes', async () => {
    const [stub, redis] = [await S3Stub.start(), await RedisServer.start(await newFolder())];
    const shared = { queue: redis.address, files: useS3(stub.endpoint) };
    const { address, close } = await startService({ ...shared, data: await newFolder() });
    const data = join(await newFolder(), 'not-made');
    const workers = await openWorkers({ ...shared, data, workers: 1, threads: 1, workerProgram });
    const handIn = async () => fetch(`${address}/jobs`, { method: 'POST', body: await tinyForm() });
    const { id } = (await (await handIn()).json()) as Job;
    expect(await jobWith(address, id, hasEnded)).toMatchObject({ status: 'done', attempts: 0 });
    const bytes = Buffer.from(await (await fetch(`${address}/jobs/${id}/result`)).arrayBuffer());
    expect(await sharp(bytes).metadata()).toMatchObject({ width: 48, height: 48 });
    const body = await tinyForm();
    body.append('content', new Blob([new Uint8Array(await pictureBytes(3))]), 'second.png');
    const family = (await (await fetch(`${address}/jobs`, { method: 'POST', body })).json()) as Job;
    const done = await jobWith(address, family.id, hasEnded);
    expect(done).toMatchObject({ status: 'done', children: { done: 2 } });
    const second = await fetch(`${address}/jobs/${family.id}/result/second.png`);
    expect((await second.arrayBuffer()).byteLength).toBe(done.result!.files[1]!.bytes);
    // Each photograph's job needs its own one and the painting.
    const fetched = stub.requests.filter((line) => line.includes(`${family.id}/input-`) && /^GET/.test(line));
    expect(fetched.length).toBe(4);
    await workers.close();
    expect(existsSync(data)).toBe(false);
    expect([...stub.objects.keys()].every((key) => key.endsWith('/result.png'))).toBe(true);
    expect(stub.objects.size).toBe(3);
    await fetch(`${address}/jobs/${family.id}`, { method: 'DELETE' });
    expect([...stub.objects.keys()]).toEqual([`shop/jobs/${id}/result.png`]);
    stub.refusals.push([403, 'AccessDenied']);
    const refused = await handIn();
    expect(refused.status).toBe(503);
    const text = await refused.text();
    expect(text).toContain('E_STORAGE');
    expect(text).not.toMatch(/AWS|pictures\/shop|AccessDenied/);
    await fetch(`${address}/jobs/${id}`, { method: 'DELETE' });
    expect(stub.objects.size).toBe(0);
    await close();
    await redis.kill();
  });
});
