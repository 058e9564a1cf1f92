import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { downloadFiles } from '../../src/weights/download-files.node.js';
import type { DownloadOptions } from '../../src/weights/download.node.js';
import type { PulledModel } from '../../src/weights/models.js';
import type { ModelFile, ModelRecord } from '../../src/weights/registry.js';
import { goldenFolder } from '../golden-values.js';
import { file } from './file-server.js';
import { digest, Downloads, toy } from './toy-model.js';

const downloads = Downloads.use();

/** A small network of Magenta's form, of two files. */
let [prediction, transformer]: Uint8Array[] = [];
let record: ModelRecord;
beforeAll(async () => {
  const read = (name: string): Promise<Uint8Array> => readFile(join(goldenFolder, 'tflite', name));
  [prediction, transformer] = [await read('prediction-int8.tflite'), await read('transformer.tflite')];
  const entry = (fileName: string, bytes: Uint8Array): ModelFile => ({
    ...{ fileName, size: bytes.length, hash: { algorithm: 'sha256', digest: digest('sha256', bytes) } },
    source: { kind: 'file', url: downloads.server.url(`/published/${fileName}`) },
  });
  const first = entry('predict.tflite', prediction);
  record = { ...toy, ...first, architecture: 'magenta', also: [entry('transfer.tflite', transformer)] };
});

const pull = (options: DownloadOptions = {}, of = record): Promise<PulledModel> =>
  downloadFiles(of, {
    ...{ folder: downloads.folder, environment: {}, pauses: [1, 1] },
    onProgress: (event) => void downloads.progress.push(event),
    ...options,
  });
const failure = (options: DownloadOptions = {}, of = record): Promise<unknown> =>
  pull(options, of).then(
    () => 'it succeeded',
    (error: unknown) => error,
  );
const asked = (): string[] => downloads.server.requests.map(({ path }) => path);
const notes = ['predict.tflite.json', 'transfer.tflite.json'];
const bothInPlace = async (): Promise<void> => {
  expect(await downloads.files()).toEqual(['predict.tflite', notes[0], 'transfer.tflite', notes[1]]);
  expect(Buffer.compare(await readFile(downloads.path('predict.tflite')), prediction!)).toBe(0);
  expect(Buffer.compare(await readFile(downloads.path('transfer.tflite')), transformer!)).toBe(0);
};

describe('a network of two files', () => {
  it('is downloaded whole, from where it is published or from a folder elsewhere', async () => {
    downloads.server.answerWith(file(prediction!), file(transformer!));
    const pulled = await pull();
    const of = (name: string, bytes: Uint8Array): PulledModel => ({
      path: downloads.path(name),
      size: bytes.length,
      sha256: digest('sha256', bytes),
      present: false,
    });
    const transfer = of('transfer.tflite', transformer!);
    expect(pulled).toEqual({ ...of('predict.tflite', prediction!), also: [transfer] });
    expect(asked()).toEqual(['/published/predict.tflite', '/published/transfer.tflite']);
    await bothInPlace();

    const folder = join(downloads.folder, 'again');
    for (const from of ['/mirror', '/mirror/', '/mirror?key=1']) {
      downloads.server.answerWith(file(prediction!), file(transformer!));
      await pull({ folder: join(folder, from.length.toString()), from: downloads.server.url(from) });
      const query = from.slice('/mirror'.length).replace('/', '');
      expect(asked()).toEqual([`/mirror/predict.tflite${query}`, `/mirror/transfer.tflite${query}`]);
    }
  });

  it('counts the bytes of both', async () => {
    downloads.server.answerWith(file(prediction!), file(transformer!));
    await pull();
    const total = prediction!.length + transformer!.length;
    const bytes = downloads.progress.filter((event) => event.type === 'bytes');
    expect(bytes.every((event) => event.total === total)).toBe(true);
    const received = bytes.map((event) => event.received);
    expect(received).toEqual(received.toSorted((a, b) => a - b));
    expect(received).toContain(prediction!.length);
    expect(received.at(-1)).toBe(total);
  });

  it('goes on with the second where the first is there', async () => {
    await writeFile(downloads.path('predict.tflite'), prediction!);
    downloads.server.answerWith(file(transformer!));
    const pulled = await pull();
    expect(pulled).toMatchObject({ present: true, also: [{ present: false }] });
    expect(asked()).toEqual(['/published/transfer.tflite']);
    expect(await pull()).toMatchObject({ present: true, also: [{ present: true }] });
    expect(asked()).toHaveLength(1);
  });

  it('resumes a file that was cut off', async () => {
    const etag = '"one"';
    downloads.server.answerWith(
      file(prediction!),
      file(transformer!, { etag, stopAfter: 1000 }),
      file(transformer!, { etag }),
    );
    await pull();
    expect(downloads.server.requests.at(-1)!.range).toBe('bytes=1000-');
    await bothInPlace();
  });

  it('is refused where a file is shorter, or has another byte', async () => {
    downloads.server.answerWith(file(prediction!), file(transformer!.subarray(0, 5000)));
    expect(await failure()).toMatchObject({
      code: 'E_DOWNLOAD_HASH',
      message: expect.stringContaining(`5000 bytes, and ${transformer!.length} were expected`) as string,
    });
    const damaged = Uint8Array.from(transformer!);
    damaged[9000]! ^= 1;
    downloads.server.answerWith(file(damaged, { etag: '"two"' }));
    expect(await failure()).toMatchObject({
      code: 'E_DOWNLOAD_HASH',
      message: expect.stringContaining(`the SHA-256 ${digest('sha256', damaged)}, and`) as string,
    });
    expect(await downloads.files()).toEqual(['predict.tflite', notes[0]]);
  });

  it('is looked into where nobody has published a digest', async () => {
    const { hash, ...unknown } = record;
    expect(hash).toBeDefined();
    downloads.server.answerWith(file(prediction!.subarray(0, 5000)));
    expect(await failure({}, unknown)).toMatchObject({
      code: 'E_WEIGHTS_FORMAT',
      message: expect.stringContaining('"predict.tflite" is not a whole TFLite file') as string,
    });
    expect(await downloads.files()).toEqual([]);
    downloads.server.answerWith(file(prediction!), file(transformer!));
    await pull({}, unknown);
    await bothInPlace();
  });
});
