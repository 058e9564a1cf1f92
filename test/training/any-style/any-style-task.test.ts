import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import { parseStyleDecoderModel, type StyleDecoderModel } from '../../../src/networks/style-decoder-model.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { encodeCheckpoint, parseCheckpoint, resumeFrom } from '../../../src/training/checkpoint.js';
import {
  resolveAnyStyleSettings,
  type AnyStyleOptions,
} from '../../../src/training/any-style/any-style-settings.js';
import { AnyStyleTask } from '../../../src/training/any-style/any-style-task.js';
import type { PictureFile } from '../../../src/training/training.js';
import { HistoryRecorder } from '../../../src/training/training-history.js';
import { readVggWeights } from '../../../src/weights/vgg-files.js';
import { toyTensors } from '../../toy-tensors.js';
import { toyDecoderModel } from '../../toy-any-style.js';
import { noiseBatch, noisePicture, trainingDataOf } from '../training-batches.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });
afterAll(() => runtime.dispose());
const network = await readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');

const fixed: AnyStyleOptions = {
  ...{ blocks: 1, reconstructionSteps: 10, size: 64, styleSize: 96, batch: 2, steps: 40, variants: 2 },
  ...{
    rate: 0.01,
    averageDecay: 0.5,
    contentWeight: 0.2,
    tvWeight: 0.02,
    grainWeight: 0.04,
    blotchWeight: 0,
  },
};

const files = (...seeds: number[]): PictureFile[] =>
  seeds.map((seed) => ({ name: `painting ${seed}`, read: () => Promise.resolve(noisePicture(96, seed)) }));
const paintings = { training: files(1, 2, 3, 4, 5, 6), heldOut: files(7, 8) };

const tasks: AnyStyleTask[] = [];
afterEach(async () => {
  await Promise.all(tasks.splice(0).map((task) => task.dispose()));
});

function begin(options: AnyStyleOptions = {}, from?: StyleDecoderModel): AnyStyleTask {
  const task = new AnyStyleTask([runtime], {
    network,
    paintings,
    from,
    settings: resolveAnyStyleSettings({ ...fixed, ...options }),
    ...trainingDataOf((index) => noiseBatch(64, index)),
  });
  tasks.push(task);
  return task;
}

describe('the training of a network for any painting', () => {
  it('lowers the loss with paintings that it has not seen, and shows them', { timeout: 60_000 }, async () => {
    const task = begin();
    const before = await task.validate();
    const totals: number[] = [];
    for (let step = 0; step < 40; step += 1) totals.push((await task.step()).total);
    expect(totals[9]).toBeLessThan(0.9 * totals[0]!);
    const after = await task.validate();
    expect(after.losses['total']!).toBeLessThan(0.7 * before.losses['total']!);
    expect(after.pictures.map(({ caption }) => caption)).toEqual(['painting 7', 'painting 8']);
    const [one, other] = after.pictures.map(({ image }) => image.rgb);
    expect(one).not.toEqual(other);
    const model = parseStyleDecoderModel(await task.encode({ made_by: 'a test' }), 'test.onnx');
    expect(model).toMatchObject({ options: { channels: task.design.channels, blocks: 1 } });
    // The encoder stays the beginning of the network that the loss is measured with.
    const { weight } = network.convolutions['conv2_1']!;
    const found = model.parameters['encoder.conv2_1.weight']!;
    expect(found.every((value, i) => Math.abs(value - weight[i]!) < 1e-6)).toBe(true);
  });

  it('goes on bit for bit, with the paintings measured anew', async () => {
    const whole = begin();
    for (let step = 0; step < 4; step += 1) await whole.step();
    const interrupted = begin();
    for (let step = 0; step < 2; step += 1) await interrupted.step();
    const { kind, fingerprint } = interrupted;
    const history = new HistoryRecorder().history();
    const bytes = encodeCheckpoint({ kind, fingerprint, step: 2, state: interrupted.state(), history });
    const resumed = begin();
    resumeFrom(parseCheckpoint(bytes, 'checkpoint'), resumed);
    for (let step = 0; step < 2; step += 1) await resumed.step();
    const [found, expected] = [resumed, whole].map((task) => task.state().arrays);
    for (const [name, values] of Object.entries(expected!))
      expect([name, found![name]!.every((value, i) => value === values[i])]).toEqual([name, true]);
  });

  it('goes on from a network of the same design', async () => {
    const from = toyDecoderModel();
    const model = parseStyleDecoderModel(await begin({}, from).encode({}), 'test.onnx');
    for (const [name, values] of Object.entries(from.parameters))
      expect([name, model.parameters[name]!.every((value, i) => value === values[i])]).toEqual([name, true]);
    expect(() => begin({ blocks: 2 }, from)).toThrow(/1 blocks, not .* and 2 blocks/);
  });
});
