import { mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer as createTcpServer, type AddressInfo } from 'node:net';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import type { ModelRecord } from '../../src/weights/registry.js';
import { file, redirect, status } from './file-server.js';
import { bytes, digest, Downloads, half, md5, other, toy, unpublished } from './toy-model.js';

const downloads = Downloads.use();

describe('a download that goes well', () => {
  it('puts the file in place with a note of its digest and tells the progress', async () => {
    let halfIsThere!: () => void;
    const restAfter = new Promise<void>((resolve) => (halfIsThere = resolve));
    downloads.server.answerWith(file(bytes, { restAfter }));
    const received: number[] = [];
    const events: string[] = [];
    const pulled = await downloads.pull({
      onProgress: (event) => {
        events.push(event.type);
        if (event.type !== 'bytes') return;
        expect(event.total).toBe(bytes.length);
        received.push(event.received);
        if (event.received === half) halfIsThere();
      },
    });
    expect(pulled).toEqual({
      path: downloads.path(),
      size: bytes.length,
      sha256: digest('sha256', bytes),
      present: false,
    });
    await downloads.expectInPlace();
    const note = JSON.parse(await readFile(downloads.path('toy.safetensors.json'), 'utf8')) as unknown;
    expect(note).toMatchObject({
      url: downloads.server.url(),
      sha256: digest('sha256', bytes),
      size: bytes.length,
    });
    expect(received).toContain(half);
    expect(received.at(-1)).toBe(bytes.length);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(events.at(-1)).toBe('verify');
  });

  it('makes the folder, and leaves a sound file alone', async () => {
    downloads.server.answerWith(file(bytes));
    const deeper = join(downloads.folder, 'a', 'b');
    await downloads.pull({ folder: deeper });
    expect(downloads.server.requests).toHaveLength(1);
    expect(await downloads.pull({ folder: deeper })).toMatchObject({
      present: true,
      sha256: digest('sha256', bytes),
    });
    expect(downloads.server.requests).toHaveLength(1);
  });

  it('replaces a file that is no longer sound', async () => {
    downloads.server.answerWith(file(bytes));
    await writeFile(downloads.path(), bytes.subarray(0, half));
    expect(await downloads.pull()).toMatchObject({ present: false });
    await downloads.expectInPlace();
  });

  it('follows redirects, relative ones and chains', async () => {
    downloads.server.answerWith(
      redirect('/other/place'),
      redirect('third?a=b', 307),
      redirect(downloads.server.url('/last'), 301),
      file(bytes),
    );
    await downloads.pull();
    expect(downloads.server.requests.map(({ path }) => path)).toEqual([
      '/file',
      '/other/place',
      '/other/third?a=b',
      '/last',
    ]);
    await downloads.expectInPlace();
  });

  it('needs no content-length', async () => {
    downloads.server.answerWith((_request, response) => void response.write(bytes, () => response.end()));
    await downloads.pull();
    await downloads.expectInPlace();
  });
});

describe('answers that are no file', () => {
  it('tries 500, 429 and 408 again', async () => {
    downloads.server.answerWith(status(500), status(429), file(bytes));
    await downloads.pull();
    expect(downloads.retries).toEqual(['the server answered 500', 'the server answered 429']);
    await downloads.expectInPlace();
  });

  it('gives up after the tries it was told, naming the address and the way by hand', async () => {
    downloads.server.answerWith(status(503));
    expect(await downloads.failure()).toMatchObject({
      name: 'StyleError',
      code: 'E_DOWNLOAD',
      message: `The download of toy from ${downloads.server.url()} failed: the server answered 503.`,
      remedy: expect.stringContaining(`save the file as "${downloads.path()}"`) as string,
    });
    expect(downloads.server.requests).toHaveLength(3);
    expect(await downloads.files()).toEqual([]);
  });

  it.each([404, 403, 410])('gives up at once on %i', async (code) => {
    downloads.server.answerWith(status(code));
    expect(await downloads.failure()).toMatchObject({
      code: 'E_DOWNLOAD',
      message: expect.stringContaining(`the server answered ${code}`) as string,
    });
    expect(downloads.server.requests).toHaveLength(1);
    expect(await downloads.files()).toEqual([]);
  });

  it('gives up on redirects in a circle and to nowhere', async () => {
    downloads.server.answerWith(redirect('/again'));
    expect(await downloads.failure()).toMatchObject({
      message: expect.stringContaining('redirects in a circle') as string,
    });
    downloads.server.answerWith(redirect('ftp://127.0.0.1/file'));
    expect(await downloads.failure()).toMatchObject({
      message: expect.stringContaining('not an http or https') as string,
    });
    expect(await downloads.failure({ from: 'a file of mine' })).toMatchObject({
      code: 'E_DOWNLOAD',
      message: expect.stringContaining('"a file of mine" is not an http or https address') as string,
    });
  });

  it('says so when there is no server or no such name', async () => {
    const free = createTcpServer();
    await new Promise<void>((resolve) => free.listen(0, '127.0.0.1', resolve));
    const { port } = free.address() as AddressInfo;
    await new Promise((resolve) => free.close(resolve));
    expect(await downloads.failure({ from: `http://127.0.0.1:${port}/` })).toMatchObject({
      code: 'E_DOWNLOAD',
      message: expect.stringContaining(`127.0.0.1:${port} refused the connection`) as string,
      remedy: expect.stringContaining('https_proxy') as string,
    });
    expect(await downloads.failure({ from: 'http://no-such-host.invalid/' })).toMatchObject({
      code: 'E_DOWNLOAD',
      message: expect.stringContaining('the name no-such-host.invalid was not found') as string,
    });
  });

  it('says of a model without an address what to do instead', async () => {
    const record: ModelRecord = { ...toy, source: { kind: 'none', instruction: 'Ask a friend.' } };
    expect(await downloads.failure({ from: undefined }, record)).toMatchObject({
      code: 'E_DOWNLOAD',
      remedy: 'Ask a friend.',
    });
    downloads.server.answerWith(file(bytes));
    await downloads.pull({}, record);
    await downloads.expectInPlace();
  });
});

describe('a file that is not the published one', () => {
  it('is removed when its digest differs', async () => {
    const corrupted = Uint8Array.from(bytes);
    corrupted[corrupted.length - 1]! ^= 1;
    downloads.server.answerWith(file(corrupted, { etag: '"one"' }));
    expect(await downloads.failure()).toMatchObject({
      code: 'E_DOWNLOAD_HASH',
      message: expect.stringContaining(
        `the MD5 ${digest('md5', corrupted)}, and ${md5} was published`,
      ) as string,
    });
    expect(await downloads.files()).toEqual([]);
  });

  it('is refused before it is downloaded when its size differs', async () => {
    downloads.server.answerWith(file(bytes.subarray(0, 999)));
    expect(await downloads.failure()).toMatchObject({
      code: 'E_DOWNLOAD_HASH',
      message: `The file at ${downloads.server.url()} has 999 bytes, and ${bytes.length} were expected.`,
    });
    expect(downloads.progress).toEqual([]);
    expect(await downloads.files()).toEqual([]);
  });

  it('is held to the digest of the first download when none is published', async () => {
    downloads.server.answerWith(file(bytes));
    await downloads.pull({}, unpublished);
    await rm(downloads.path());
    downloads.server.answerWith(file(other));
    expect(await downloads.failure({}, unpublished)).toMatchObject({
      code: 'E_DOWNLOAD_HASH',
      message: expect.stringContaining(`${digest('sha256', bytes)} was recorded in`) as string,
    });
    expect(await downloads.files()).toEqual(['toy.safetensors.json']);
    await rm(downloads.path('toy.safetensors.json'));
    await downloads.pull({}, unpublished);
    await downloads.expectInPlace(other);
  });

  it('is looked into when no digest is published', async () => {
    downloads.server.answerWith(file(Buffer.from('<!DOCTYPE html><html>please log in')));
    expect(await downloads.failure({}, unpublished)).toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringContaining('web page') as string,
    });
    expect(await downloads.files()).toEqual([]);
  });
});

describe('a place that cannot be written', () => {
  it('is a file where a folder is needed', async () => {
    await writeFile(downloads.path('blocked'), '');
    expect(await downloads.failure({ folder: join(downloads.folder, 'blocked', 'models') })).toMatchObject({
      code: 'E_OUTPUT',
      option: 'folder',
    });
    await mkdir(downloads.path('toy.safetensors.part'));
    downloads.server.answerWith(file(bytes));
    expect(await downloads.failure()).toMatchObject({ code: 'E_OUTPUT' });
  });

  it('is a full disk; the part stays and is resumed', async () => {
    const probe = await open(downloads.path('probe'), 'w');
    const handle = Object.getPrototypeOf(probe) as typeof probe;
    await probe.close();
    await rm(downloads.path('probe'));
    downloads.server.answerWith(
      file(bytes, { etag: '"one"', stopAfter: half }),
      file(bytes, { etag: '"one"' }),
    );
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    const original = handle.write;
    const spy = vi.spyOn(handle, 'write').mockImplementation(function (
      this: typeof probe,
      ...args: unknown[]
    ) {
      if ((args[3] as number) >= half) return Promise.reject(full);
      return Reflect.apply(original, this, args) as ReturnType<typeof original>;
    } as typeof original);
    expect(await downloads.failure()).toMatchObject({
      code: 'E_OUTPUT',
      message: expect.stringContaining('the disk is full') as string,
      remedy: expect.stringContaining('resumes where this one stopped') as string,
    });
    spy.mockRestore();
    downloads.server.answerWith(file(bytes, { etag: '"one"' }));
    await downloads.pull();
    expect(downloads.server.requests[0]!.range).toBe(`bytes=${half}-`);
    await downloads.expectInPlace();
  });

  it('is at work already; the lock of a dead process is taken over', async () => {
    const lock = downloads.path('toy.safetensors.part.lock');
    downloads.server.answerWith(file(bytes));
    await writeFile(lock, String(process.ppid));
    expect(await downloads.failure()).toMatchObject({
      code: 'E_OUTPUT',
      message: expect.stringContaining(`Process ${process.ppid} is downloading`) as string,
    });
    expect(await downloads.files()).toEqual(['toy.safetensors.part.lock']);
    await writeFile(lock, 'nonsense');
    await downloads.pull();
    await downloads.expectInPlace();
  });
});

describe('proxies', () => {
  /** A proxy that only knows CONNECT, and where it was asked to. */
  async function startProxy() {
    const asked: string[] = [];
    const proxy = createServer((_request, response) => response.writeHead(501).end());
    proxy.on('connect', (request, socket) => {
      asked.push(request.url ?? '');
      const onward = connect(downloads.server.port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        onward.pipe(socket).pipe(onward);
      });
      onward.on('error', () => socket.destroy());
      socket.on('error', () => onward.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const close = async () => {
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    };
    return { asked, url, close };
  }

  it('of the environment are used, except where no_proxy says otherwise', async () => {
    const proxy = await startProxy();
    try {
      downloads.server.answerWith(file(bytes));
      await downloads.pull({ from: 'http://models.invalid/file', environment: { http_proxy: proxy.url } });
      expect(proxy.asked).toEqual(['models.invalid:80']);
      await downloads.expectInPlace();

      await rm(downloads.path());
      await downloads.pull({ environment: { HTTP_PROXY: proxy.url, NO_PROXY: '127.0.0.1' } });
      expect(proxy.asked).toHaveLength(1);
      await downloads.expectInPlace();
    } finally {
      await proxy.close();
    }
  });

  it('that are no addresses are named', async () => {
    expect(await downloads.failure({ environment: { https_proxy: 'my proxy' } })).toMatchObject({
      code: 'E_ARGUMENT',
      message: 'The proxy "my proxy" of the environment is not an address.',
    });
  });
});
