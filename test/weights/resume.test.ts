import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { DownloadProgress } from '../../src/weights/download.node.js';
import { file, status } from './file-server.js';
import { bytes, Downloads, half, other } from './toy-model.js';

const downloads = Downloads.use();

/** An earlier version of the file, as long as the present one. */
const earlier = bytes.map((byte) => 255 - byte);

describe('a download that is cut off', () => {
  it('goes on where it stopped', async () => {
    downloads.server.answerWith(
      file(bytes, { etag: '"one"', stopAfter: half }),
      file(bytes, { etag: '"one"' }),
    );
    await downloads.pull();
    expect(downloads.server.requests).toEqual([
      { path: '/file', range: undefined, ifRange: undefined },
      { path: '/file', range: `bytes=${half}-`, ifRange: '"one"' },
    ]);
    expect(downloads.retries).toEqual([`the connection to 127.0.0.1:${downloads.server.port} broke off`]);
    await downloads.expectInPlace();
  });

  it('goes on in another run, and by modification date where there is no ETag', async () => {
    const lastModified = 'Mon, 05 Jun 2017 10:00:00 GMT';
    downloads.server.answerWith(file(bytes, { lastModified, stopAfter: half }), status(404));
    expect(await downloads.failure()).toMatchObject({ code: 'E_DOWNLOAD' });
    expect(await downloads.files()).toEqual(['toy.safetensors.part', 'toy.safetensors.part.json']);

    downloads.server.answerWith(file(bytes, { lastModified }));
    await downloads.pull();
    expect(downloads.server.requests).toEqual([
      { path: '/file', range: `bytes=${half}-`, ifRange: lastModified },
    ]);
    expect(downloads.progress.find((event) => event.type === 'bytes' && event.received > half)).toBeDefined();
    await downloads.expectInPlace();
  });

  it('counts tries only while nothing is gained', async () => {
    const steps = Array.from({ length: 8 }, () =>
      file(bytes, { etag: '"one"', stopAfter: Math.ceil(bytes.length / 10) }),
    );
    downloads.server.answerWith(...steps, file(bytes, { etag: '"one"' }));
    await downloads.pull();
    expect(downloads.server.requests).toHaveLength(9);
    await downloads.expectInPlace();
  });

  it('begins anew when the file changed in between', async () => {
    downloads.server.answerWith(
      file(earlier, { etag: '"old"', stopAfter: 1000 }),
      file(bytes, { etag: '"new"' }),
    );
    await downloads.pull();
    expect(downloads.server.requests[1]).toEqual({ path: '/file', range: 'bytes=1000-', ifRange: '"old"' });
    await downloads.expectInPlace();
  });

  it('begins anew when the server sends a range of another version', async () => {
    const broken = file(bytes, { etag: '"new"' });
    downloads.server.answerWith(
      file(earlier, { etag: '"old"', stopAfter: 1000 }),
      (request, response, server) => {
        delete request.headers['if-range'];
        broken(request, response, server);
      },
      file(bytes, { etag: '"new"' }),
    );
    await downloads.pull();
    expect(downloads.server.requests[2]).toEqual({ path: '/file', range: undefined, ifRange: undefined });
    await downloads.expectInPlace();
  });

  it('begins anew when the server says neither ETag nor date', async () => {
    downloads.server.answerWith(file(bytes, { stopAfter: half }), file(bytes));
    await downloads.pull();
    expect(downloads.server.requests[1]!.range).toBeUndefined();
    await downloads.expectInPlace();
  });

  it('does not trust a weak ETag', async () => {
    downloads.server.answerWith(
      file(bytes, { etag: 'W/"one"', stopAfter: half }),
      file(bytes, { etag: 'W/"one"' }),
    );
    await downloads.pull();
    expect(downloads.server.requests[1]!.range).toBeUndefined();
    await downloads.expectInPlace();
  });

  it('passes over what it has when the server ignores ranges', async () => {
    const served = { etag: '"one"', ignoresRanges: true };
    downloads.server.answerWith(file(bytes, { ...served, stopAfter: half }), file(bytes, served));
    await downloads.pull();
    expect(downloads.server.requests[1]!.range).toBe(`bytes=${half}-`);
    await downloads.expectInPlace();
  });

  it('begins anew when the server refuses the range', async () => {
    downloads.server.answerWith(
      file(bytes, { etag: '"one"', stopAfter: half }),
      status(416),
      file(bytes, { etag: '"one"' }),
    );
    await downloads.pull();
    expect(downloads.server.requests[2]!.range).toBeUndefined();
    await downloads.expectInPlace();
  });

  it('knows a complete part by the server refusing to send more', async () => {
    await writeFile(downloads.path('toy.safetensors.part'), bytes);
    await writeFile(
      downloads.path('toy.safetensors.part.json'),
      JSON.stringify({ url: downloads.server.url(), identity: '"one"' }),
    );
    downloads.server.answerWith(file(bytes, { etag: '"one"' }));
    await downloads.pull();
    expect(downloads.server.requests).toHaveLength(1);
    await downloads.expectInPlace();
  });

  it('does not go on with the part of another address or a broken note', async () => {
    for (const note of [JSON.stringify({ url: 'http://elsewhere/', identity: '"one"' }), '{', '{}']) {
      await writeFile(downloads.path('toy.safetensors.part'), other.subarray(0, 500));
      await writeFile(downloads.path('toy.safetensors.part.json'), note);
      downloads.server.answerWith(file(bytes, { etag: '"one"' }));
      await downloads.pull();
      expect(downloads.server.requests).toEqual([{ path: '/file', range: undefined, ifRange: undefined }]);
      await downloads.expectInPlace();
      await rm(downloads.path());
    }
  });

  it('tries again after silence, and gives up in the end', async () => {
    downloads.server.answerWith(
      file(bytes, { etag: '"one"', stopAfter: half, thenSilent: true }),
      file(bytes, { etag: '"one"' }),
    );
    await downloads.pull({ inactivityTimeout: 400 });
    expect(downloads.retries).toEqual([`127.0.0.1:${downloads.server.port} sent nothing for 0.4 s`]);
    expect(downloads.server.requests[1]!.range).toBe(`bytes=${half}-`);
    await downloads.expectInPlace();

    await rm(downloads.path());
    downloads.server.answerWith(() => undefined);
    expect(await downloads.failure({ inactivityTimeout: 50 })).toMatchObject({
      code: 'E_DOWNLOAD',
      message: expect.stringContaining('sent nothing for 0.05 s') as string,
    });
    expect(downloads.server.requests).toHaveLength(3);
  });

  it('is stopped by a signal, keeps the part and goes on later', async () => {
    const controller = new AbortController();
    downloads.server.answerWith(
      file(bytes, { etag: '"one"', stopAfter: half, thenSilent: true }),
      file(bytes, { etag: '"one"' }),
    );
    const onProgress = (event: DownloadProgress) => {
      if (event.type === 'bytes' && event.received === half) controller.abort();
    };
    expect(await downloads.failure({ signal: controller.signal, onProgress })).toMatchObject({
      code: 'E_DOWNLOAD',
      message: 'The download of toy was stopped.',
      remedy: 'Download it again: that resumes where it stopped.',
    });
    expect(await downloads.files()).toEqual(['toy.safetensors.part', 'toy.safetensors.part.json']);
    await downloads.pull();
    expect(downloads.server.requests[1]!.range).toBe(`bytes=${half}-`);
    await downloads.expectInPlace();
  });

  it('is stopped by a signal while it waits for the next try', async () => {
    const controller = new AbortController();
    downloads.server.answerWith(status(503));
    const onProgress = (event: DownloadProgress) => event.type === 'retry' && controller.abort();
    expect(await downloads.failure({ signal: controller.signal, onProgress, pauses: [1e6] })).toMatchObject({
      code: 'E_DOWNLOAD',
      message: 'The download of toy was stopped.',
    });
  });
});
