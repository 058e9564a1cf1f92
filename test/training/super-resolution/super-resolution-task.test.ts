import { afterEach, describe, expect, it } from 'vitest';
import { clampUnit, resizePlanes } from '../../../src/images/resize.js';
import { encodeEnlargingModel, parseEnlargingModel } from '../../../src/networks/enlarging-model.js';
import {
  enlargingInput,
  enlargingParameters,
  type EnlargingModel,
} from '../../../src/networks/enlarging-model.js';
import { enlargingNetwork } from '../../../src/networks/enlarging-network.js';
import { input } from '../../../src/graph/index.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { smallCrops } from '../../../src/training/super-resolution/small-crops.js';
import {
  resolveSuperResolutionSettings,
  type SuperResolutionOptions,
} from '../../../src/training/super-resolution/super-resolution-settings.js';
import { SuperResolutionTask } from '../../../src/training/super-resolution/super-resolution-task.js';
import { valuesOf } from '../../graph-values.js';
import { thrownBy } from '../../methods/method-runs.js';
import { toyEnlargingModel } from '../../networks/toy-enlarging-model.js';
import { readToyWeights } from '../../toy-weights.js';
import { trainingDataOf } from '../training-batches.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });
const network = await readToyWeights();
const size = 32;
const fixed: SuperResolutionOptions = {
  size,
  width: 8,
  layers: 2,
  batch: 2,
  steps: 30,
  rate: 0.003,
  averageDecay: 0,
};

/** Edges and waves, in which there is something to learn. */
function crops(first: number): Float32Array {
  const values = new Float32Array(2 * 3 * size * size);
  for (let i = 0; i < values.length; i += 1) {
    const [x, y] = [i % size, Math.floor(i / size) % size];
    const picture = first + Math.floor(i / (3 * size * size));
    const wave = Math.sin(x * (0.3 + 0.07 * (picture % 5)) + y * 0.4 + Math.floor(i / (size * size)));
    values[i] = wave > 0.2 ? 0.8 : 0.2 + 0.1 * wave;
  }
  return values;
}

const tasks: SuperResolutionTask[] = [];
afterEach(async () => {
  await Promise.all(tasks.splice(0).map((task) => task.dispose()));
});

function createTask(options: SuperResolutionOptions = {}, from?: EnlargingModel): SuperResolutionTask {
  const task = new SuperResolutionTask([runtime], {
    network,
    from,
    settings: resolveSuperResolutionSettings({ ...fixed, ...options }),
    ...trainingDataOf((index) => crops(2 * index), 500),
  });
  tasks.push(task);
  return task;
}

async function steps(task: SuperResolutionTask, count: number): Promise<number[]> {
  const totals: number[] = [];
  for (let step = 0; step < count; step += 1) totals.push((await task.step()).total);
  return totals;
}

describe('small crops', () => {
  it('are blurred and scaled down, each plane by itself', () => {
    const constant = new Float32Array(3 * 16 * 16).fill(0.4);
    for (const value of smallCrops(constant, 16, 4, 1)) expect(value).toBeCloseTo(0.4, 6);
    const found = smallCrops(crops(0), size, 4, 0);
    const [from, to] = [
      { width: size, height: size },
      { width: 8, height: 8 },
    ];
    expect(found).toEqual(clampUnit(resizePlanes(crops(0), 6, from, to, 'bicubic')));
    expect(smallCrops(crops(0), size, 4, 2)).not.toEqual(found);
  });
});

describe('the training of a network that enlarges pictures', () => {
  it.each(['pixel', 'feature'] as const)('lowers its loss, in %ss', async (loss) => {
    const task = createTask({ loss });
    const before = await task.validate();
    await steps(task, 30);
    const after = await task.validate();
    expect(after.losses['total']).toBeLessThan(0.9 * before.losses['total']!);
    expect(after.losses['psnr']).toBeGreaterThan(before.losses['psnr']!);
    const { total, psnr: _, ...terms } = after.losses;
    expect(total).toBeCloseTo(
      Object.values(terms).reduce((sum, term) => sum + term, 0),
      6,
    );
    expect(Object.keys(terms)).toEqual(loss === 'pixel' ? ['pixel'] : ['feature', 'pixel']);
  });

  it('validates by the signal-to-noise ratio of what its file makes', async () => {
    const task = createTask({ factor: 2 });
    await steps(task, 3);
    const { losses, pictures } = await task.validate();
    const model = parseEnlargingModel(await task.encode({}), 'toy.onnx');
    const [large, small] = [crops(1000), smallCrops(crops(1000), size, 2, 1)];
    const x = input(enlargingInput, [2, 3, size / 2, size / 2]);
    const made = clampUnit(
      await valuesOf(enlargingNetwork(x, enlargingParameters(model), model.options), {
        [enlargingInput]: small,
      }),
    );
    const ratios = [0, 1].map((picture) => {
      const count = 3 * size * size;
      let squares = 0;
      for (let i = picture * count; i < (picture + 1) * count; i += 1) squares += (made[i]! - large[i]!) ** 2;
      return -10 * Math.log10(squares / count);
    });
    expect(losses['psnr']).toBeCloseTo((ratios[0]! + ratios[1]!) / 2, 3);
    expect(pictures.map(({ caption }) => caption)).toEqual(['enlarged', 'bicubic', 'original']);
    expect(Math.max(...pictures[0]!.image.rgb.map((value, i) => Math.abs(value - made[i]!)))).toBeLessThan(
      1e-5,
    );
  });

  it('goes on from a state bit for bit', async () => {
    const [whole, first, second] = [createTask(), createTask(), createTask()];
    const expected = await steps(whole, 6);
    const begun = await steps(first, 3);
    second.restore(first.state());
    expect([...begun, ...(await steps(second, 3))]).toEqual(expected);
    expect(second.state()).toEqual(whole.state());
  });

  it('goes on from another model, and refuses one of another design', async () => {
    const model = toyEnlargingModel({ width: 8, layers: 2 });
    const bytes = await createTask({}, model).encode({});
    expect(parseEnlargingModel(bytes, 'x').parameters).toEqual(model.parameters);
    expect(bytes).toEqual(encodeEnlargingModel({ ...model, metadata: {} }));
    expect(thrownBy(() => createTask({ width: 12 }, model))).toMatchObject({
      code: 'E_ARGUMENT',
      option: 'from',
    });
  });

  it.each([{ factor: 3 }, { loss: 'ssim' }, { size: 40 }])('refuses the options %o', (options) => {
    expect(thrownBy(() => resolveSuperResolutionSettings(options as SuperResolutionOptions))).toMatchObject({
      code: 'E_ARGUMENT',
      option: Object.keys(options)[0],
    });
  });
});
