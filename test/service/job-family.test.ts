import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ServiceClient } from '../../src/client.js';
import { ApiKeys } from '../../src/service/api-keys.node.js';
import type { Job, JobList } from '../../src/service/job.js';
import { keysFolder } from '../../src/service/open-service.node.js';
import { RedisServer, withoutRedis } from './redis-server.js';
import { endedAfterAll, startShortWorker } from './queue-workers.js';
import { form, hasEnded, jobWith, newFolder, pictureBytes, startService, tiny } from './service-run.js';

const broken = Buffer.from('no picture');
const style = await pictureBytes(9);
const seeds = [1, 2, 3, 4];
const photographs = await Promise.all(seeds.map((seed) => pictureBytes(seed)));
/** Four photographs with a broken one between them. */
const five = [
  ...photographs.slice(0, 2).map((bytes, index) => new File([new Uint8Array(bytes)], `${index + 1}.jpg`)),
  new File([broken], 'broken.jpg'),
  ...photographs.slice(2).map((bytes, index) => new File([new Uint8Array(bytes)], `${index + 3}.jpg`)),
];

function familyForm(options: object = {}, files: readonly File[] = five): FormData {
  const body = form('stylize', { ...tiny, ...options }, { styles: style });
  for (const file of files) body.append('content', file);
  return body;
}

async function handIn(address: string, body: FormData, headers: Record<string, string> = {}): Promise<Job> {
  const response = await fetch(`${address}/jobs`, { method: 'POST', body, headers });
  if (!response.ok) throw new Error(await response.text());
  return (await response.json()) as Job;
}

const listed = async (url: string, headers: Record<string, string> = {}): Promise<JobList> =>
  (await (await fetch(url, { headers })).json()) as JobList;

const pixelsOf = (file: Buffer): Promise<Buffer> => sharp(file).raw().toBuffer();

/** The pixels that one of the photographs comes to as a job of its own. */
async function alone(address: string, content: Buffer, options: object): Promise<Buffer> {
  const { id } = await handIn(address, form('stylize', { ...tiny, ...options }, { content, styles: style }));
  await jobWith(address, id, hasEnded);
  const picture = Buffer.from(await (await fetch(`${address}/jobs/${id}/result`)).arrayBuffer());
  await fetch(`${address}/jobs/${id}`, { method: 'DELETE' });
  return pixelsOf(picture);
}

async function filesOf(address: string, { id, result }: Job): Promise<Buffer[]> {
  const files: Buffer[] = [];
  for (const { name, bytes } of result!.files) {
    const response = await fetch(`${address}/jobs/${id}/result/${encodeURIComponent(name)}`);
    files.push(Buffer.from(await response.arrayBuffer()));
    expect(files.at(-1)!.length).toBe(bytes);
  }
  return files;
}

/** What a broken one among five comes to, wherever that is done. */
const fourOfFive = {
  status: 'failed',
  error: { code: 'E_CHILDREN', message: expect.stringContaining('1 of 5') as string },
  children: { total: 5, queued: 0, running: 0, done: 4, failed: 1, cancelled: 0 },
  result: { stopped: 'finished', files: [1, 2, 3, 4].map((number) => ({ name: `${number}.png` })) },
} as const;

const data = await newFolder();
const { address } = await startService({ data });

describe('a job of several photographs', () => {
  const options = { seed: 3, iterations: 4 };

  it('does each as if it were alone, whichever fails, and tells of it by events', async () => {
    const client = new ServiceClient(address);
    const { id, children } = await client.submit({
      method: 'stylize',
      pictures: { content: five, styles: style },
      options: { ...tiny, ...options },
    });
    expect(children).toMatchObject({ total: 5 });
    const [progress, ended]: [number[], string[]] = [[], []];
    let previews = 0;
    for await (const event of client.follow(id)) {
      if (event.type === 'progress') progress.push(event.progress.done);
      else if (event.type === 'child' && hasEnded(event.job)) ended.push(event.job.name!);
      else if (event.type === 'preview' && event.child !== undefined) previews += 1;
    }
    expect(ended).toEqual(['1.jpg', '2.jpg', 'broken.jpg', '3.jpg', '4.jpg']);
    expect(progress.length).toBeGreaterThan(4);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect(progress.some((done) => done > 0 && done < 1 && (done * 5) % 1 > 0)).toBe(true);
    expect(previews).toBeGreaterThan(0);
    const job = await client.job(id);
    expect(job).toMatchObject(fourOfFive);
    expect(job.error!.message).toContain('broken.jpg (E_IMAGE_DECODE)');
    const pictures = await Promise.all((await filesOf(address, job)).map(pixelsOf));
    expect(new Set(pictures.map((pixels) => pixels.toString('base64'))).size).toBe(4);
    expect(pictures[2]!.equals(await alone(address, photographs[2]!, options))).toBe(true);
    expect(await client.numbers(id)).toEqual(job.result);
    // Of the photographs nothing is left but their results.
    await expect.poll(() => readdir(join(data, 'jobs', id))).toEqual([]);
    const first = await client.children(id, { limit: 3 });
    const rest = await client.children(id, { limit: 3, after: first.next! });
    expect(rest.next).toBeNull();
    const parts = [...first.jobs, ...rest.jobs];
    expect(parts.map(({ name, parent }) => [name, parent])).toEqual(ended.map((name) => [name, id]));
    expect(parts[2]!.error).toMatchObject({
      code: 'E_IMAGE_DECODE',
      message: expect.stringContaining('"broken.jpg"') as string,
    });
    expect((await client.jobs()).jobs.map((one) => one.id)).toEqual([id]);
    const refused = client.remove(parts[0]!.id);
    await expect(refused).rejects.toMatchObject({ code: 'E_CONFLICT' });
    await client.remove(id);
    await expect(client.job(parts[0]!.id)).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
    await expect.poll(() => readdir(join(data, 'jobs'))).toEqual([]);
  });

  it('is stopped with all of them, and keeps what there is', async () => {
    const files = five.filter(({ name }) => name !== 'broken.jpg');
    const { id } = await handIn(address, familyForm({ iterations: 100_000 }, files));
    const [first] = (await listed(`${address}/jobs/${id}/children`)).jobs;
    await jobWith(address, first!.id, (job) => (job.progress?.iteration ?? 0) > 2);
    expect((await fetch(`${address}/jobs/${id}/result`)).status).toBe(409);
    const going = await jobWith(address, id, () => true);
    expect(going).toMatchObject({ status: 'running', children: { queued: 3, running: 1 } });
    const events = fetch(`${address}/jobs/${id}/events`).then((answer) => answer.text());
    await fetch(`${address}/jobs/${id}/cancel`, { method: 'POST' });
    expect(await jobWith(address, id, hasEnded)).toMatchObject({
      ...{ status: 'cancelled', error: null, children: { total: 4, cancelled: 4 } },
      result: { stopped: 'cancelled', files: [{ name: '1.png' }] },
    });
    expect(await events).toContain('"status":"cancelled"');
    const [picture] = await filesOf(address, await jobWith(address, id, hasEnded));
    expect(await sharp(picture).metadata()).toMatchObject({ width: 48, height: 48 });
    await expect.poll(() => readdir(join(data, 'jobs', id))).toEqual([]);
    const again = await handIn(address, familyForm({ iterations: 100_000 }, files));
    await jobWith(address, again.id, ({ status }) => status === 'running');
    expect((await fetch(`${address}/jobs/${again.id}`, { method: 'DELETE' })).status).toBe(204);
    await fetch(`${address}/jobs/${id}`, { method: 'DELETE' });
    await expect.poll(() => readdir(join(data, 'jobs')), { timeout: 20_000 }).toEqual([]);
  });

  it('is refused where it has no room, or where one picture is for one photograph', async () => {
    const { address: small } = await startService({ limits: { queue: 6, photographs: 8 } });
    const send = async (body: FormData, path = '/jobs'): Promise<unknown[]> => {
      const response = await fetch(`${small}${path}`, { method: 'POST', body });
      const { error } = (await response.json()) as { error?: { code: string; remedy: string } };
      return [response.status, error?.code, error?.remedy];
    };
    const many = (count: number): File[] =>
      Array.from(
        { length: count },
        (_, index) => new File([new Uint8Array(photographs[0]!)], `${index}.png`),
      );
    const tooMany = await send(familyForm({}, many(7)));
    expect(tooMany).toEqual([413, 'E_LIMIT', 'Send at most 6 photographs in a request.']);
    expect((await send(familyForm({}, many(9)))).slice(0, 2)).toEqual([413, 'E_LIMIT']);
    const { id } = await handIn(small, familyForm({ iterations: 100_000 }));
    await jobWith(small, id, ({ status }) => status === 'running');
    // Four of five are waiting, and six may.
    expect(await send(familyForm({}, many(3)))).toEqual([503, 'E_LIMIT', 'Try again later.']);
    expect((await send(familyForm({}, many(2)))).slice(0, 1)).toEqual([201]);
    const ready = await fetch(`${small}/ready`);
    expect(await ready.json()).toEqual({ ready: false, queued: 6, running: 1 });
    await fetch(`${small}/jobs/${id}/cancel`, { method: 'POST' });
    const masked = familyForm({}, many(2));
    masked.append('mask', new File([new Uint8Array(style)], 'mask.png'));
    expect((await send(masked)).slice(0, 2)).toEqual([400, 'E_ARGUMENT']);
    const match = form('match', { size: 48 }, { reference: style });
    for (const file of many(2)) match.append('picture', file);
    expect(await send(match)).toEqual([400, 'E_ARGUMENT', 'Send a request for each.']);
    const fast = form('match-colors', {}, { reference: style });
    for (const file of many(2)) fast.append('picture', file);
    expect((await send(fast, '/fast')).slice(0, 2)).toEqual([400, 'E_ARGUMENT']);
    const brokenStyle = familyForm({}, many(2));
    brokenStyle.append('styles', new File([broken], 'style.png'));
    expect((await send(brokenStyle)).slice(0, 2)).toEqual([422, 'E_IMAGE_DECODE']);
  });

  it('is one for one idempotency key, and seen by its own API key only', async () => {
    const guarded = await newFolder();
    const keys = new ApiKeys(keysFolder(guarded));
    const [mine, theirs] = [await keys.create('mine'), await keys.create('theirs')].map(({ key }) => ({
      authorization: `Bearer ${key}`,
    }));
    const { address: open } = await startService({ data: guarded, host: '0.0.0.0' });
    const mineAddress = `http://127.0.0.1:${new URL(open).port}`;
    const match = (names: readonly string[]): FormData => {
      const body = form('match-colors', {}, { reference: style });
      for (const name of names) body.append('picture', new File([new Uint8Array(photographs[0]!)], name));
      return body;
    };
    const headers = { ...mine!, 'idempotency-key': 'k' };
    const job = await handIn(mineAddress, match(['a.png', 'b.png']), headers);
    expect((await handIn(mineAddress, match(['a.png', 'b.png']), headers)).id).toBe(job.id);
    const other = await fetch(`${mineAddress}/jobs`, {
      method: 'POST',
      body: match(['a.png', 'c.png']),
      headers,
    });
    expect(other.status).toBe(409);
    await jobWith(mineAddress, job.id, hasEnded, mine);
    const { jobs } = await listed(`${mineAddress}/jobs/${job.id}/children`, mine);
    expect(jobs.map(({ status, name }) => [status, name])).toEqual([
      ['done', 'a.png'],
      ['done', 'b.png'],
    ]);
    expect((await listed(`${mineAddress}/jobs`, mine)).jobs.map(({ id }) => id)).toEqual([job.id]);
    expect((await listed(`${mineAddress}/jobs`, theirs)).jobs).toEqual([]);
    const paths = [job.id, `${job.id}/children`, `${job.id}/events`, `${job.id}/result/a.png`, jobs[0]!.id];
    for (const path of [...paths, `${jobs[0]!.id}/result`]) {
      expect((await fetch(`${mineAddress}/jobs/${path}`, { headers: theirs! })).status).toBe(404);
      expect((await fetch(`${mineAddress}/jobs/${path}`, { headers: mine! })).status).toBe(200);
    }
  });

  describe.skipIf(withoutRedis)('in a queue server', () => {
    const { servers, programs } = endedAfterAll();

    it('comes to the same, though a worker is killed at one of them', async () => {
      const [shared, queueFolder] = [await newFolder(), await newFolder()];
      const server = await RedisServer.start(queueFolder);
      servers.push(server);
      const { address: one } = await startService({ data: shared, queue: server.address });
      const { address: other } = await startService({ data: shared, queue: server.address });
      programs.push(await startShortWorker(server.address, shared));
      const long = { ...options, iterations: 30 };
      const { id } = await handIn(one, familyForm(long));
      const parts = async (): Promise<readonly Job[]> => (await listed(`${other}/jobs/${id}/children`)).jobs;
      const [, second] = await parts();
      await jobWith(other, second!.id, (job) => (job.progress?.iteration ?? 0) > 3);
      const before = (await parts())[0]!;
      expect(before.status).toBe('done');
      const events = fetch(`${other}/jobs/${id}/events`).then((answer) => answer.text());
      await programs.pop()!.end('SIGKILL');
      programs.push(await startShortWorker(server.address, shared));
      const job = await jobWith(one, id, hasEnded);
      expect(job).toMatchObject(fourOfFive);
      // What was done before the kill was not done again.
      expect((await parts())[0]).toEqual(before);
      const names = new Set([...(await events).matchAll(/^event: (\w+)$/gm)].map(([, name]) => name));
      expect([...names].sort()).toEqual(['child', 'job', 'preview', 'progress']);
      const pictures = await Promise.all((await filesOf(other, job)).map(pixelsOf));
      expect(pictures[1]!.equals(await alone(one, photographs[1]!, long))).toBe(true);
      await fetch(`${other}/jobs/${id}`, { method: 'DELETE' });
      await expect.poll(() => readdir(join(shared, 'jobs'))).toEqual([]);
    });
  });
});
