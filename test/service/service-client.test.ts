import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { ServiceClient } from '../../src/client.js';
import { pictureBytes, startService, tiny } from './service-run.js';

const { address } = await startService();
const client = new ServiceClient(`${address}/`);
const pictures = { content: await pictureBytes(1), styles: [await pictureBytes(2), await pictureBytes(3)] };

describe('the client', () => {
  it('hands in a job, follows it, and has its picture', async () => {
    const { id } = await client.submit({ method: 'stylize', pictures, options: { ...tiny }, format: 'webp' });
    const types: string[] = [];
    for await (const event of client.follow(id)) types.push(event.type);
    // Of so short a job a preview may come too late.
    expect(types).toEqual(expect.arrayContaining(['job', 'progress']));
    expect(await client.wait(id)).toMatchObject({ id, status: 'done' });
    const bytes = Buffer.from(await (await client.result(id)).arrayBuffer());
    expect(await sharp(bytes).metadata()).toMatchObject({ format: 'webp', width: 48 });
    expect((await client.jobs({ limit: 1 })).jobs.map((job) => job.id)).toEqual([id]);
    await client.remove(id);
    await expect(client.job(id)).rejects.toMatchObject({ name: 'StyleError', code: 'E_NOT_FOUND' });
  });

  it('has a picture in one pass, and several files by their names', async () => {
    const [picture, reference] = [pictures.content, pictures.styles[0]!];
    const matched = await client.fast({ method: 'match-colors', pictures: { picture, reference } });
    expect((await sharp(Buffer.from(await matched.arrayBuffer())).metadata()).format).toBe('png');
    const { id } = await client.submit({
      method: 'match',
      pictures: { picture, reference },
      options: { size: 48 },
    });
    const { result } = await client.wait(id);
    for (const { name, bytes } of result!.files) expect((await client.result(id, name)).size).toBe(bytes);
    expect(await client.numbers(id)).toEqual(result);
  });

  it('throws what the service refuses, and stops a job', async () => {
    const wrong = client.submit({ method: 'stylize', pictures, options: { size: -1 } });
    await expect(wrong).rejects.toMatchObject({ name: 'StyleError', code: 'E_ARGUMENT', option: 'size' });
    const stranger = new ServiceClient(address, { key: 'nonsense' });
    await expect(stranger.jobs()).rejects.toMatchObject({ code: 'E_KEY' });
    const call = { idempotencyKey: 'one' };
    const request = { method: 'stylize', pictures, options: { ...tiny, iterations: 100_000 } };
    const [first, second] = [await client.submit(request, call), await client.submit(request, call)];
    expect(second.id).toBe(first.id);
    const previews: string[] = [];
    for await (const event of client.follow(first.id)) {
      if (event.type !== 'preview') continue;
      previews.push(event.type);
      break;
    }
    expect(previews).toHaveLength(1);
    await client.cancel(first.id);
    expect((await client.wait(first.id)).status).toBe('cancelled');
  });
});
