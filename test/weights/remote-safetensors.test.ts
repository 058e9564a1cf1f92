import { readFile, rm } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ModelRecord } from '../../src/weights/registry.js';
import { encodeSafetensors, parseSafetensors } from '../../src/formats/safetensors.js';
import { readVggWeights } from '../../src/weights/vgg-files.js';
import { file, status } from './file-server.js';
import { asFile, torchvisionIndices, torchvisionTensors, type Tensors } from './narrow-vgg.js';
import { Downloads, unpublished } from './toy-model.js';

const downloads = Downloads.use();

/** The classifier's bytes: as in the real file, most of it, and on both sides of the convolutions. */
const fill = (megabytes: number) => new Float32Array(megabytes * 250_000).fill(NaN);
const tensors: Tensors = {
  ...torchvisionTensors('vgg19'),
  'classifier.0.weight': { dtype: 'F32', shape: [500_000], data: fill(2) },
  'pre_logits.fc1.weight': { dtype: 'F32', shape: [250_000], data: fill(1) },
};
const remote = asFile(tensors);
const names = torchvisionIndices.vgg19.flatMap((index) => [
  `features.${index}.weight`,
  `features.${index}.bias`,
]);
const record: ModelRecord = {
  ...unpublished,
  source: { kind: 'tensors', url: 'http://127.0.0.1:1/', names },
};

const headerLength = Number(Buffer.from(remote).readBigUInt64LE(0));
const dataStart = 8 + headerLength;
const header = JSON.parse(Buffer.from(remote).subarray(8, dataStart).toString()) as Record<
  string,
  { data_offsets: [number, number] }
>;
const offsets = names.flatMap((name) => header[name]!.data_offsets);
const [first, last] = [dataStart + Math.min(...offsets), dataStart + Math.max(...offsets) - 1];

async function expectStored(): Promise<void> {
  const bytes = await readFile(downloads.path());
  const stored = parseSafetensors(bytes, 'stored');
  expect([...stored.tensors.keys()].sort()).toEqual([...names].sort());
  const expected = await readVggWeights(remote, 'remote');
  expect((await readVggWeights(bytes, 'stored')).convolutions).toEqual(expected.convolutions);
  expect(bytes.length).toBeLessThan(40_000);
  expect(await downloads.files()).toEqual(['toy.safetensors', 'toy.safetensors.json']);
}

describe('some tensors of a file on a server', () => {
  it('are fetched by ranges, without the rest, and stored as a smaller file', async () => {
    downloads.server.answerWith(file(remote, { etag: '"one"' }));
    await downloads.pull({}, record);
    expect(downloads.server.requests.map(({ range, ifRange }) => [range, ifRange])).toEqual([
      ['bytes=0-7', undefined],
      [`bytes=8-${dataStart - 1}`, '"one"'],
      [`bytes=${first}-${last}`, '"one"'],
    ]);
    expect(downloads.progress.findLast((event) => event.type === 'bytes')).toEqual({
      type: 'bytes',
      received: last - first + 1,
      total: last - first + 1,
    });
    await expectStored();
  });

  it('are picked out of the stream of a server that ignores ranges', async () => {
    downloads.server.answerWith(file(remote, { etag: '"one"', ignoresRanges: true }));
    await downloads.pull({}, record);
    await expectStored();
  });

  it('are fetched in several pieces when they lie far apart', async () => {
    const wanted: ModelRecord = {
      ...record,
      source: {
        ...record.source,
        names: ['conv1_1.weight', 'a.near', 'conv1_1.bias', 'preprocess.weight', 'preprocess.bias'],
      } as ModelRecord['source'],
    };
    const scattered = encodeSafetensors({
      'a.near': { dtype: 'F32', shape: [2], data: [1, 2] },
      'b.gap': tensors['pre_logits.fc1.weight']!,
      'conv1_1.weight': tensors['features.0.weight']!,
      'conv1_1.bias': tensors['features.0.bias']!,
      'preprocess.bias': { dtype: 'F32', shape: [3], data: [1, 2, 3] },
      'preprocess.weight': { dtype: 'F16', shape: [3, 3, 1, 1], data: new Float32Array(9).fill(0.5) },
      zzz: { dtype: 'U8', shape: [3], data: [1, 2, 3] },
    });
    downloads.server.answerWith(file(scattered));
    await downloads.pull({}, wanted);
    expect(downloads.server.requests).toHaveLength(4);
    const stored = parseSafetensors(await readFile(downloads.path()), 'stored');
    expect([...stored.tensors.keys()].sort()).toEqual([
      'a.near',
      'conv1_1.bias',
      'conv1_1.weight',
      'preprocess.bias',
      'preprocess.weight',
    ]);
    expect([...stored.tensor('a.near').float32()]).toEqual([1, 2]);
    expect(stored.tensor('preprocess.weight')).toMatchObject({ dtype: 'F16', shape: [3, 3, 1, 1] });
    expect([...stored.tensor('preprocess.bias').float32()]).toEqual([1, 2, 3]);
    expect(await downloads.files()).toEqual(['toy.safetensors', 'toy.safetensors.json']);
  });

  it('go on where a broken connection stopped, in the same run and in another', async () => {
    const etag = '"one"';
    const whole = file(remote, { etag });
    const cut = file(remote, { etag, stopAfter: 1000 });
    downloads.server.answerWith(whole, whole, cut, cut, status(404));
    expect(await downloads.failure({}, record)).toMatchObject({ code: 'E_DOWNLOAD' });
    const ranges = () => downloads.server.requests.map(({ range }) => range);
    expect(ranges().slice(2)).toEqual([0, 1000, 2000].map((done) => `bytes=${first + done}-${last}`));
    expect(await downloads.files()).toEqual(['toy.safetensors.part', 'toy.safetensors.part.json']);

    downloads.server.answerWith(whole);
    await downloads.pull({}, record);
    expect(ranges().at(-1)).toBe(`bytes=${first + 2000}-${last}`);
    await expectStored();
  });

  it('begin anew when the file changed since the last run, and fail when it changes in this one', async () => {
    const old = file(
      remote.map((byte, at) => (at < dataStart ? byte : 0)),
      { etag: '"old"', stopAfter: 1000 },
    );
    const oldHeader = file(remote, { etag: '"old"' });
    downloads.server.answerWith(oldHeader, oldHeader, old, status(404));
    await downloads.failure({}, record);
    downloads.server.answerWith(file(remote, { etag: '"new"' }));
    await downloads.pull({}, record);
    expect(downloads.server.requests.at(-1)!.range).toBe(`bytes=${first}-${last}`);
    await expectStored();

    await rm(downloads.path());
    downloads.server.answerWith(oldHeader, oldHeader, file(remote, { etag: '"new"' }));
    expect(await downloads.failure({}, record)).toMatchObject({
      code: 'E_DOWNLOAD',
      message: expect.stringContaining('the file changed while it was read') as string,
    });
  });

  it('are held to the digest of the first download', async () => {
    downloads.server.answerWith(file(remote));
    await downloads.pull({}, record);
    await rm(downloads.path());
    const changed = asFile({ ...tensors, 'features.0.bias': { dtype: 'F32', shape: [2], data: [8, 9] } });
    downloads.server.answerWith(file(changed));
    expect(await downloads.failure({}, record)).toMatchObject({
      code: 'E_DOWNLOAD_HASH',
      message: expect.stringContaining('was recorded in') as string,
    });
    expect(await downloads.files()).toEqual(['toy.safetensors.json']);
  });

  it('have to be there, of the right shapes and finite', async () => {
    downloads.server.answerWith(file(asFile({ 'features.0.weight': tensors['features.0.weight']! })));
    expect(await downloads.failure({}, record)).toMatchObject({
      code: 'E_WEIGHTS_CONTENT',
      message: expect.stringContaining('tensor features.0.bias is missing') as string,
    });
    const infinite = {
      ...tensors,
      'features.0.bias': { dtype: 'F32' as const, shape: [2], data: [1, Infinity] },
    };
    downloads.server.answerWith(file(asFile(infinite)));
    expect(await downloads.failure({}, record)).toMatchObject({
      code: 'E_WEIGHTS_CONTENT',
      message: expect.stringContaining('features.0.bias has Infinity at index 1') as string,
    });
    downloads.server.answerWith(file(Buffer.from('<!DOCTYPE html><html>please log in')));
    expect(await downloads.failure({}, record)).toMatchObject({ code: 'E_WEIGHTS_FORMAT' });
    expect(await downloads.files()).toEqual([]);
  });
});
