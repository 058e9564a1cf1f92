import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { parseStyleModel, type StyleModel } from '../../../src/networks/style-model.js';
import type { VggWeights } from '../../../src/networks/vgg-weights.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { encodeCheckpoint, parseCheckpoint, resumeFrom } from '../../../src/training/checkpoint.js';
import { HistoryRecorder } from '../../../src/training/training-history.js';
import { resolveStyleSettings, type StyleOptions } from '../../../src/training/style/style-settings.js';
import { StyleTask } from '../../../src/training/style/style-task.js';
import { readVggWeights } from '../../../src/weights/vgg-files.js';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import { toyTensors } from '../../toy-tensors.js';
import { noiseBatch, noisePicture, trainingDataOf } from '../training-batches.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });
afterAll(() => runtime.dispose());
const network: VggWeights = await readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');

const fixed: StyleOptions = {
  ...{ form: 'light', width: 4, blocks: 1, size: 64, styleSize: 64, batch: 2, steps: 30 },
  ...{ rate: 0.01, averageDecay: 0.5, contentWeight: 0.3, tvWeight: 0.02, grainWeight: 0.04, clipNorm: 5 },
};

const paintings = [
  { name: 'red', image: noisePicture(64, 1, [0.8, 0.2, 0.1]) },
  { name: 'blue', image: noisePicture(64, 2, [0.1, 0.3, 0.9]) },
];

const photographs = [
  [0.5, 0.5, 0.5],
  [0.3, 0.6, 0.5],
];

const tasks: StyleTask[] = [];
afterEach(async () => {
  await Promise.all(tasks.splice(0).map((task) => task.dispose()));
});

function begin(options: StyleOptions = {}, from?: StyleModel, named = paintings): StyleTask {
  const task = new StyleTask([runtime], {
    network,
    paintings: named,
    from,
    settings: resolveStyleSettings({ ...fixed, ...options }),
    ...trainingDataOf((index) => noiseBatch(64, index, photographs)),
  });
  tasks.push(task);
  return task;
}

const modelOf = async (task: StyleTask): Promise<StyleModel> =>
  parseStyleModel(await task.encode({ made_by: 'a test' }), 'test.onnx');

describe('the training of a network for paintings', () => {
  it('lowers the loss of every style, and shows each', async () => {
    const task = begin();
    const before = await task.validate();
    for (let step = 0; step < 30; step += 1) await task.step();
    const after = await task.validate();
    expect(after.losses['total']!).toBeLessThan(0.5 * before.losses['total']!);
    expect(Object.keys(after.losses)).toEqual([
      'total',
      'content',
      'style',
      'totalVariation',
      'grain',
      'blotches',
      'spikes',
    ]);
    expect(after.pictures.map(({ caption }) => caption)).toEqual(['red', 'blue']);
    const [red, blue] = after.pictures.map(({ image }) => image.rgb);
    expect(red).not.toEqual(blue);
    const model = await modelOf(task);
    expect(model.styles).toEqual(['red', 'blue']);
    expect(model.metadata).toEqual({ made_by: 'a test' });
  });

  it('goes on bit for bit', async () => {
    const whole = begin({ adjustable: true });
    for (let step = 0; step < 4; step += 1) await whole.step();
    const interrupted = begin({ adjustable: true });
    for (let step = 0; step < 2; step += 1) await interrupted.step();
    const { kind, fingerprint } = interrupted;
    const history = new HistoryRecorder().history();
    const state = interrupted.state();
    const bytes = encodeCheckpoint({ kind, fingerprint, step: 2, state, history });
    const resumed = begin({ adjustable: true });
    resumeFrom(parseCheckpoint(bytes, 'checkpoint'), resumed);
    for (let step = 0; step < 2; step += 1) await resumed.step();
    expect(resumed.state().arrays).toEqual(whole.state().arrays);
  });

  it('trains the rows of new styles alone, on top of another network', async () => {
    const first = begin();
    for (let step = 0; step < 3; step += 1) await first.step();
    const from = await modelOf(first);
    const [red] = paintings;
    const green = { name: 'green', image: noisePicture(64, 3, [0.2, 0.8, 0.2]) };
    const next = begin({ only: 'styles' }, from, [red!, green]);
    const start = await modelOf(next);
    const length = start.parameters['styles.offsets']!.length / 2;
    const old = from.parameters['styles.offsets']!;
    // Known styles keep their row, new ones begin at the mean.
    start.parameters['styles.offsets']!.slice(0, length).forEach((value, i) => expect(value).toBe(old[i]));
    start.parameters['styles.offsets']!.slice(length).forEach((value, i) =>
      expect(value).toBeCloseTo((old[i]! + old[length + i]!) / 2, 6),
    );
    for (let step = 0; step < 3; step += 1) await next.step();
    const trained = await modelOf(next);
    expect(trained.styles).toEqual(['red', 'green']);
    for (const [name, values] of Object.entries(trained.parameters)) {
      if (name === 'styles.offsets') expect(values).not.toEqual(start.parameters[name]);
      // An average of equal numbers is rounded.
      else values.forEach((value, i) => expect(value).toBeCloseTo(from.parameters[name]![i]!, 6));
    }
  });

  it('makes a network adjustable and leaves its convolutions', async () => {
    const from = await modelOf(begin());
    const next = begin({ only: 'conditions', adjustable: true }, from);
    const start = await modelOf(next);
    expect(start.parameters['knobs.offsets']!.every((value) => value === 0)).toBe(true);
    // The spread of He et al. 2015: 2.45 over the root of six inputs, and of 64.
    for (const [layer, bound] of [
      ['first', 1],
      ['second', Math.sqrt(6 / 64)],
    ] as const) {
      const largest = Math.max(...start.parameters[`knobs.${layer}.weight`]!.map(Math.abs));
      expect(largest).toBeLessThanOrEqual(bound);
      expect(largest).toBeGreaterThan(0.95 * bound);
    }
    for (let step = 0; step < 3; step += 1) await next.step();
    for (const [name, values] of Object.entries((await modelOf(next)).parameters)) {
      if (/^(styles|knobs)\./.test(name)) expect(values).not.toEqual(start.parameters[name]);
      else values.forEach((value, i) => expect(value).toBeCloseTo(from.parameters[name]![i]!, 6));
    }
  });

  it('refuses two paintings of one name, and a network of another width', async () => {
    const [red] = paintings;
    expect(() => begin({}, undefined, [red!, red!])).toThrow(/Two paintings are named "red"/);
    const from = await modelOf(begin());
    expect(() => begin({ width: 8 }, from)).toThrow(/form light, width 4 and 1 blocks, not light, 8 and 1/);
    expect(() => begin({ contentWeight: [1, 2, 3] })).toThrow(/3 weights of the content for 2 paintings/);
    expect(() => begin({ only: 'styles' })).toThrow(/no network whose/);
  });
});
