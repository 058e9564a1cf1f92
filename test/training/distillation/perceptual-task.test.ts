import { afterEach, describe, expect, it } from 'vitest';
import { input } from '../../../src/graph/index.js';
import { vggFeatures } from '../../../src/networks/vgg.js';
import type { ConvolutionWeights, VggWeights } from '../../../src/networks/vgg-weights.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { encodeCheckpoint, parseCheckpoint } from '../../../src/training/checkpoint.js';
import {
  resolvePerceptualSettings,
  type PerceptualOptions,
} from '../../../src/training/distillation/perceptual-settings.js';
import { PerceptualTask } from '../../../src/training/distillation/perceptual-task.js';
import {
  studentConvolutions,
  studentProjections,
} from '../../../src/training/distillation/student-weights.js';
import { styleLayers } from '../../../src/training/distillation/student-design.js';
import { HistoryRecorder } from '../../../src/training/training-history.js';
import type { TrainingState } from '../../../src/training/training-task.js';
import { relativeDistance } from '../../golden-values.js';
import { valuesOfAll } from '../../graph-values.js';
import { trainingDataOf } from '../training-batches.js';
import { randomPictures } from './plain-distillation.js';
import { randomTeacher } from './random-teacher.js';

const runtime = createNativeRuntime({ threads: 1, keepMemory: false });
const teacher = randomTeacher();
/** Everything that the tests depend on, so that they stay as they are when defaults change. */
const fixed: PerceptualOptions = {
  padding: 'zero',
  size: 32,
  batch: 3,
  steps: 8,
  layerwiseShare: 0.5,
  statisticsBatches: 2,
  layerwiseRate: 0.4,
  networkRate: 0.02,
  momentum: 0.5,
  clipNorm: 3,
  damping: 1e-3,
  averageDecay: 0.5,
  seed: 0,
};

const tasks: PerceptualTask[] = [];
afterEach(async () => {
  await Promise.all(tasks.splice(0).map((task) => task.dispose()));
});

interface TaskCase {
  readonly options?: PerceptualOptions;
  readonly network?: VggWeights;
  /** Told where sources were opened. */
  readonly opened?: number[];
  readonly pictures?: (index: number) => Float32Array;
  readonly signal?: AbortSignal;
}

const batchOf =
  (size = 32) =>
  (index: number): Float32Array =>
    randomPictures(3, size, 100 + index);

function createTask(one: TaskCase = {}) {
  const { options = {}, network = teacher, opened = [], pictures = batchOf(options.size), signal } = one;
  const task = new PerceptualTask([runtime], {
    teacher: network,
    settings: resolvePerceptualSettings({ ...fixed, ...options }),
    open: (start) => {
      opened.push(start);
      return trainingDataOf(pictures).open(start);
    },
    validation: () => Promise.resolve(randomPictures(3, options.size ?? 32, 7)),
    signal,
  });
  tasks.push(task);
  return task;
}

/** Through the bytes of a file. */
function saved(task: PerceptualTask): TrainingState {
  const { kind, fingerprint } = task;
  const history = new HistoryRecorder().history();
  const bytes = encodeCheckpoint({ kind, fingerprint, step: 1, state: task.state(), history });
  return parseCheckpoint(bytes, 'test').state;
}

async function steps(task: PerceptualTask, count: number): Promise<number[]> {
  const losses: number[] = [];
  for (let i = 0; i < count; i += 1) losses.push((await task.step()).total);
  return losses;
}

describe('a training that is stopped and restored', () => {
  it('goes on bit for bit: in each stage, across their change and exactly at it', async () => {
    const network = randomTeacher({ widths: [8, 8, 8, 8, 8] });
    const whole = createTask({ network });
    const losses: number[] = [];
    const states: TrainingState[] = [];
    await whole.validate();
    for (let step = 1; step <= 8; step += 1) {
      losses.push(...(await steps(whole, 1)));
      states.push(saved(whole));
    }
    const last = await whole.validate();
    // Within the first stage, at its end, and within the second one.
    for (const step of [2, 4, 6]) {
      const opened: number[] = [];
      const task = createTask({ network, opened });
      task.restore(states[step - 1]!);
      expect(task.state(), 'nothing is lost by saving at once').toEqual(states[step - 1]);
      if (step === 4) await task.validate();
      expect(await steps(task, 8 - step)).toEqual(losses.slice(step));
      expect(opened).toEqual([4 + step]);
      expect(saved(task)).toEqual(states[7]);
      expect(await task.validate()).toEqual(last);
    }
  });

  it('is no other for being validated or not', async () => {
    const [watched, unwatched] = [createTask(), createTask()];
    const losses: number[] = [];
    for (let step = 0; step < 5; step += 1) {
      await watched.validate();
      losses.push(...(await steps(watched, 1)));
    }
    expect(await steps(unwatched, 5)).toEqual(losses);
    expect(unwatched.state()).toEqual(watched.state());
  });

  it('refuses states that lack something, and has none before it has begun', async () => {
    const task = createTask({ options: { steps: 2 } });
    expect(() => task.state()).toThrow(expect.objectContaining({ code: 'E_STATE' }));
    await task.step();
    const state = task.state();
    const fresh = createTask({ options: { steps: 2 } });
    for (const name of ['parameters', 'meanSquares', 'basis.conv3_2', 'kept.conv5_1']) {
      const { [name]: _, ...arrays } = state.arrays;
      expect(() => fresh.restore({ ...state, arrays })).toThrow(
        expect.objectContaining({ code: 'E_STATE', message: expect.stringContaining(name) as string }),
      );
    }
    for (const name of ['done', 'batch', 'averaged', 'optimizerSteps']) {
      const { [name]: _, ...scalars } = state.scalars;
      expect(() => fresh.restore({ ...state, scalars })).toThrow(
        expect.objectContaining({ code: 'E_STATE' }),
      );
    }
    const parameters = new Float32Array(3);
    expect(() => fresh.restore({ ...state, arrays: { ...state.arrays, parameters } })).toThrow(
      expect.objectContaining({ code: 'E_STATE' }),
    );
  });
});

describe('a training that is stopped before its first step', () => {
  it('takes no more statistics', async () => {
    const controller = new AbortController();
    const taken: number[] = [];
    const task = createTask({
      options: { statisticsBatches: 50 },
      signal: controller.signal,
      pictures: (index) => {
        taken.push(index);
        if (index === 2) controller.abort();
        return batchOf()(index);
      },
    });
    const failure = await task.validate().catch((error: unknown) => error);
    expect(failure).toBe(controller.signal.reason);
    expect(taken).toEqual([0, 1, 2]);
  });
});

describe('the fingerprint', () => {
  const fingerprint = (one: TaskCase): string => createTask(one).fingerprint;

  it('is another one for another network, teacher or setting that decides what was saved', () => {
    const biases = Object.entries(randomTeacher({ seed: 2 }).convolutions).map(
      ([name, convolution]): [string, ConvolutionWeights] => [
        name,
        { ...convolution, bias: teacher.convolutions[name]!.bias },
      ],
    );
    const cases: TaskCase[] = [
      {},
      { options: { widths: [8, 8, 8, 8, 8] } },
      { options: { padding: 'reflect' } },
      { options: { seed: 1 } },
      { options: { damping: 0.01 } },
      { options: { layerwiseShare: 1 } },
      { network: randomTeacher({ seed: 2 }) },
      { network: { ...teacher, convolutions: Object.fromEntries(biases) } },
      { network: { ...teacher, preprocess: { ...teacher.preprocess, bias: Float32Array.of(0, 0, 0) } } },
    ];
    expect(new Set(cases.map(fingerprint)).size).toBe(cases.length);
  });

  it('is the same for other learning rates, so that a training can go on with lower ones', () => {
    expect(fingerprint({ options: { layerwiseRate: 0.1, networkRate: 0.001, clipNorm: 1 } })).toBe(
      fingerprint({}),
    );
  });
});

describe('the error', () => {
  it.each([
    ['layer by layer', { layerwiseShare: 1 }, 0.3],
    ['as a whole', { layerwiseShare: 0, networkRate: 0.05 }, 0.8],
  ])('on other pictures falls, %s', async (_, options, share) => {
    const task = createTask({ options: { ...options, steps: 40, averageDecay: 0.8, statisticsBatches: 8 } });
    const before = await task.validate();
    const names =
      'relu1_1 relu1_2 relu2_1 relu2_2 relu3_1 relu3_2 relu3_3 relu3_4 relu4_1 relu4_2 relu4_3 relu4_4';
    expect(Object.keys(before.losses)).toEqual(['total', ...names.split(' '), 'relu5_1']);
    await steps(task, 40);
    const after = await task.validate();
    expect(after.losses['total']!).toBeLessThan(share * before.losses['total']!);
    const { total, ...terms } = after.losses;
    expect(Object.values(terms).reduce((sum, value) => sum + value, 0)).toBeCloseTo(total!, 8);
  });
});

/** A student as a network of its own. */
async function asNetwork(task: PerceptualTask, network: VggWeights): Promise<VggWeights> {
  const student = await task.student();
  let index = -1;
  const next = () => {
    index += 1;
    return Promise.resolve({ index, values: batchOf(48)(index) });
  };
  const settings = resolvePerceptualSettings({ ...fixed, size: 48, statisticsBatches: 24 });
  const projections = await studentProjections([runtime], student, network, { next }, settings);
  return { ...network, convolutions: studentConvolutions(student), projections };
}

const project = (
  values: Float32Array,
  { outputChannels, inputChannels, weight, bias }: ConvolutionWeights,
) => {
  const pictures = 3;
  const positions = values.length / inputChannels / pictures;
  return Float32Array.from({ length: pictures * outputChannels * positions }, (_, i) => {
    const [n, k, at] = [
      Math.floor(i / positions / outputChannels),
      Math.floor(i / positions) % outputChannels,
      i % positions,
    ];
    let sum = bias[k]!;
    for (let c = 0; c < inputChannels; c += 1) {
      sum += weight[k * inputChannels + c]! * values[(n * inputChannels + c) * positions + at]!;
    }
    return sum;
  });
};

/** Relative errors of a network's projected features against the teacher's, on pictures that neither has seen. */
async function projectedErrors(network: VggWeights, full: VggWeights): Promise<number[]> {
  const x = randomPictures(3, 48, 999);
  const features = async (weights: VggWeights) => {
    const graph = vggFeatures(input('x', [3, 3, 48, 48]), weights, styleLayers, {
      pooling: 'max',
      padding: 'zero',
    });
    const found = await valuesOfAll(graph, { x });
    return styleLayers.map((layer) => {
      const projection = weights.projections[layer];
      return projection === undefined ? found[layer]! : project(found[layer]!, projection);
    });
  };
  const [own, wanted] = await Promise.all([features(network), features(full)]);
  return own.map((values, i) => relativeDistance(values, wanted[i]!));
}

describe('a student of fewer channels', () => {
  const widths = [8, 8, 8, 8, 8];

  it.each([
    ['whose teacher is a full network', teacher],
    ['whose teacher has projections of its own', randomTeacher({ projected: 20 })],
  ])('has features that lead near the teacher’s, %s', async (_, network) => {
    const options = {
      widths,
      size: 48,
      steps: 100,
      layerwiseShare: 1,
      averageDecay: 0.9,
      statisticsBatches: 24,
    };
    const task = createTask({ options, network });
    await task.validate();
    const untrained = await projectedErrors(await asNetwork(task, network), network);
    await steps(task, 100);
    const made = await asNetwork(task, network);
    for (const [name, { inputChannels, outputChannels }] of Object.entries(made.convolutions)) {
      expect([inputChannels, outputChannels]).toEqual([name === 'conv1_1' ? 3 : 8, 8]);
    }
    expect(Object.keys(made.convolutions).at(-1)).toBe('conv5_1');
    const trained = await projectedErrors(made, network);
    // Blocks that keep all channels have the teacher's own projections, or none.
    expect(Object.keys(made.projections)).toEqual(
      network === teacher ? styleLayers.slice(1) : [...styleLayers],
    );
    trained.forEach((error, i) => expect(error, styleLayers[i]).toBeLessThan(0.35));
    untrained.forEach((error, i) => expect(error, styleLayers[i]).toBeGreaterThan(0.4));
  });

  it('of all channels, and with a full teacher, needs no projections', async () => {
    const task = createTask();
    await task.validate();
    expect((await asNetwork(task, teacher)).projections).toEqual({});
  });
});

describe('a teacher that can not teach', () => {
  it('lacks layers, or has none so wide', () => {
    expect(() => createTask({ network: randomTeacher({ last: 'conv4_4' }) })).toThrow(
      expect.objectContaining({ code: 'E_LAYER' }),
    );
    expect(() => createTask({ options: { widths: [16, 16, 16, 16, 16] } })).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT' }),
    );
  });

  it('gives nothing at a layer', async () => {
    const { conv3_2 } = teacher.convolutions as { conv3_2: ConvolutionWeights };
    const dead = { ...conv3_2, bias: new Float32Array(16).fill(-1e6) };
    const network = { ...teacher, convolutions: { ...teacher.convolutions, conv3_2: dead } };
    await expect(createTask({ network }).step()).rejects.toMatchObject({
      code: 'E_NUMERIC',
      message: expect.stringMatching(/relu3_2 have the mean square 0/) as string,
    });
  });

  it('is not asked about pictures of one colour in vain', async () => {
    const pictures = () => new Float32Array(3 * 3 * 32 * 32).fill(0.5);
    const task = createTask({ pictures, options: { steps: 4 } });
    expect((await steps(task, 4)).every(Number.isFinite)).toBe(true);
  });
});
