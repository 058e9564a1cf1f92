import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../src/service/job.js';
import { form, hasEnded, jobWith, newFolder, pictureBytes, startService, tinyForm } from './service-run.js';

const data = await newFolder();
const { address } = await startService({ data });
const post = async (body: FormData, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${address}/jobs`, { method: 'POST', body, headers });

describe('a job', () => {
  it('is accepted, done, told of by events and fetched; its pictures are not kept', async () => {
    const response = await post(await tinyForm());
    expect(response.status).toBe(201);
    const { id, status } = (await response.json()) as Job;
    expect(status).toBe('queued');
    const events = await (await fetch(`${address}/jobs/${id}/events`)).text();
    const told = events.split('\n\n').map((event) => /^event: (\w+)/.exec(event)?.[1]);
    expect(told.filter((name) => name !== undefined && name !== 'job')).toEqual(
      expect.arrayContaining(['progress', 'preview']),
    );
    const last = [...events.matchAll(/^event: job\ndata: (.*)$/gm)].at(-1)![1]!;
    expect(JSON.parse(last)).toMatchObject({ id, status: 'done', attempts: 0, error: null });
    const preview = /^event: preview\ndata: (.*)$/m.exec(events)![1]!;
    const { format, width } = await sharp(
      Buffer.from((JSON.parse(preview) as { image: string }).image, 'base64'),
    ).metadata();
    expect({ format, width }).toEqual({ format: 'jpeg', width: 48 });
    const result = await fetch(`${address}/jobs/${id}/result`);
    expect(result.headers.get('content-type')).toBe('image/png');
    const picture = sharp(Buffer.from(await result.arrayBuffer()));
    expect(await picture.metadata()).toMatchObject({ format: 'png', width: 48, height: 48 });
    await expect.poll(() => readdir(join(data, 'jobs', id))).toEqual(['result.png']);
  });

  it('may give several files, numbers, or data, as its method does', async () => {
    const pictures = { picture: await pictureBytes(1), reference: await pictureBytes(2) };
    const match = (await (await post(form('match', { size: 48 }, pictures))).json()) as Job;
    const { result, error } = await jobWith(address, match.id, hasEnded);
    expect(error).toBeNull();
    expect(result!.files.length).toBeGreaterThan(1);
    for (const { name, type, bytes } of result!.files) {
      const file = await fetch(`${address}/jobs/${match.id}/result/${encodeURIComponent(name)}`);
      expect(file.headers.get('content-type')).toBe(type);
      expect((await file.arrayBuffer()).byteLength).toBe(bytes);
    }
    const measured = {
      picture: await pictureBytes(1),
      content: await pictureBytes(2),
      style: await pictureBytes(3),
    };
    const evaluate = (await (await post(form('evaluate', {}, measured))).json()) as Job;
    await jobWith(address, evaluate.id, hasEnded);
    const numbers = (await (await fetch(`${address}/jobs/${evaluate.id}/result`)).json()) as Job['result'];
    expect(numbers!.files).toEqual([]);
    expect(Object.keys(numbers!.numbers).length).toBeGreaterThan(0);
  });

  it('that takes one pass is answered at once, and nothing of it is kept', async () => {
    const pictures = { picture: await pictureBytes(1), reference: await pictureBytes(2) };
    const before = await readdir(join(data, 'jobs'));
    const body = form('match-colors', {}, pictures, { format: 'jpg' });
    const response = await fetch(`${address}/fast`, { method: 'POST', body });
    expect(response.status).toBe(200);
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'jpeg', width: 48 });
    await expect.poll(() => readdir(join(data, 'jobs'))).toEqual(before);
    const slow = await fetch(`${address}/fast`, { method: 'POST', body: await tinyForm() });
    expect(slow.status).toBe(400);
    expect(await slow.json()).toMatchObject({ error: { code: 'E_ARGUMENT', option: 'method' } });
  });

  it('is stopped with the best so far, or before it has begun', async () => {
    const long = (await (await post(await tinyForm({ iterations: 100_000 }))).json()) as Job;
    const waiting = (await (await post(await tinyForm())).json()) as Job;
    const cancelled = await fetch(`${address}/jobs/${waiting.id}/cancel`, { method: 'POST' });
    expect(await cancelled.json()).toMatchObject({ status: 'cancelled', result: null });
    await jobWith(address, long.id, ({ progress }) => (progress?.iteration ?? 0) > 2);
    expect((await fetch(`${address}/jobs/${long.id}/result`)).status).toBe(409);
    await fetch(`${address}/jobs/${long.id}/cancel`, { method: 'POST' });
    expect(await jobWith(address, long.id, hasEnded)).toMatchObject({
      status: 'cancelled',
      result: { stopped: 'cancelled', files: [{ name: 'result.png', type: 'image/png' }] },
    });
    const picture = await (await fetch(`${address}/jobs/${long.id}/result`)).arrayBuffer();
    expect((await sharp(Buffer.from(picture)).stats()).isOpaque).toBe(true);
  });

  it('is deleted with its files, also while it runs', async () => {
    const { id } = (await (await post(await tinyForm({ iterations: 100_000 }))).json()) as Job;
    await jobWith(address, id, ({ progress }) => (progress?.iteration ?? 0) > 0);
    const removed = await fetch(`${address}/jobs/${id}`, { method: 'DELETE' });
    expect(removed.status).toBe(204);
    expect((await fetch(`${address}/jobs/${id}`)).status).toBe(404);
    await expect.poll(() => readdir(join(data, 'jobs')), { timeout: 20_000 }).not.toContain(id);
  });

  it('is done once for one idempotency key, and a key is not taken for something else', async () => {
    const headers = { 'idempotency-key': 'the-same' };
    const answers = await Promise.all([post(await tinyForm(), headers), post(await tinyForm(), headers)]);
    const [first, second] = (await Promise.all(answers.map((answer) => answer.json()))) as [Job, Job];
    expect(first.id).toBe(second.id);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
    const other = await post(await tinyForm({ iterations: 3 }), headers);
    expect(other.status).toBe(409);
    expect(await other.json()).toMatchObject({ error: { code: 'E_CONFLICT' } });
  });

  it('is listed, page by page, the newest first', async () => {
    const seen: Job[] = [];
    let after: string | null = null;
    do {
      const page: { jobs: Job[]; next: string | null } = (await (
        await fetch(`${address}/jobs?limit=2${after === null ? '' : `&after=${after}`}`)
      ).json()) as never;
      expect(page.jobs.length).toBeLessThanOrEqual(2);
      seen.push(...page.jobs);
      after = page.next;
    } while (after !== null);
    const times = seen.map(({ created }) => created);
    expect(times).toEqual([...times].sort().reverse());
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    expect(seen.length).toBeGreaterThan(4);
  });
});
