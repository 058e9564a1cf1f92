import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { resizeImage } from '../../../src/images/resize.js';
import { evaluate, type EvaluateOptions } from '../../../src/methods/evaluate/evaluate-method.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { Grid } from '../../graph/grid.js';
import { narrowVgg, referenceFeatures } from '../../networks/reference-vgg.js';
import { errorOf, planMethod, randomPicture, runMethod } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = narrowVgg('vgg19');
const [picture, content, style] = [
  randomPicture(40, 32, 1),
  randomPicture(20, 16, 2),
  randomPicture(24, 60, 3),
];
const measure = (
  of: Image,
  options: EvaluateOptions = {},
  from = content,
  after = style,
  network = weights,
) =>
  runMethod(evaluate, { runtime, weights: network }, { picture: of, content: from, style: after }, options);

const featuresOf = ({ width, height, rgb }: Image, pooling: 'max' | 'average') =>
  referenceFeatures(new Grid([3, height, width], rgb), weights, pooling, 'zero');
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const squares = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  sum(Array.from(a, (value, i) => (value - b[i]!) ** 2));
const energy = (a: ArrayLike<number>): number => sum(Array.from(a, (value) => value ** 2));
const rowsOf = ({ shape, data }: Grid): number[][] => {
  const size = shape[1]! * shape[2]!;
  return Array.from({ length: shape[0]! }, (_, c) => Array.from(data).slice(c * size, (c + 1) * size));
};
const gramOf = (map: Grid, divisor: number): number[] => {
  const rows = rowsOf(map);
  return rows.flatMap((one) => rows.map((other) => sum(one.map((value, p) => value * other[p]!)) / divisor));
};
const meanOf = (values: number[]): number => sum(values) / values.length;
const deviationOf = (values: number[]): number => {
  const mean = meanOf(values);
  return Math.sqrt(meanOf(values.map((value) => (value - mean) ** 2)) + 1e-5);
};

describe('evaluate', () => {
  it.each(['max', 'average'] as const)('measures what loops measure, with %s pooling', async (pooling) => {
    const found = await measure(picture, { pooling });
    const own = featuresOf(picture, pooling);
    const photograph = featuresOf(resizeImage(content, 40, 32), pooling)['relu4_2']!;
    // As its long side is the picture's.
    const painting = featuresOf(resizeImage(style, 16, 40), pooling);
    const { data } = own['relu4_2']!;
    expect(found.content.mean / (squares(data, photograph.data) / data.length)).toBeCloseTo(1, 4);
    expect(found.content.relative / (squares(data, photograph.data) / energy(photograph.data))).toBeCloseTo(
      1,
      4,
    );
    const layers = ['relu1_1', 'relu2_1', 'relu3_1', 'relu4_1', 'relu5_1'];
    expect(Object.keys(found.style.layers)).toEqual(layers);
    for (const layer of layers) {
      const [a, b] = [own[layer]!, painting[layer]!];
      const size = ({ shape }: Grid): number => shape[1]! * shape[2]!;
      const c = a.shape[0]!;
      const of = found.style.layers[layer]!;
      const gram = squares(gramOf(a, c * size(a)), gramOf(b, c * size(b))) / c ** 2;
      const target = gramOf(b, size(b));
      const relative = squares(gramOf(a, size(a)), target) / energy(target);
      const meanStd =
        squares(rowsOf(a).map(meanOf), rowsOf(b).map(meanOf)) / c +
        squares(rowsOf(a).map(deviationOf), rowsOf(b).map(deviationOf)) / c;
      for (const [kind, value] of Object.entries({ gram, relative, meanStd })) {
        expect(of[kind as 'gram'] / value, `${layer} ${kind}`).toBeCloseTo(1, 3);
      }
    }
    const all = Object.values(found.style.layers);
    expect(found.style.gram).toBeCloseTo(sum(all.map(({ gram }) => gram)), 6);
    expect(found.style.meanStd).toBeCloseTo(sum(all.map(({ meanStd }) => meanStd)), 6);
    expect(found.style.relative).toBeCloseTo(meanOf(all.map(({ relative }) => relative)), 6);
    expect(found.stopped).toBe('finished');
  });

  it('finds no distance from a picture to itself, and total variation by its formula', async () => {
    const { content: own, style: same, totalVariation } = await measure(picture, {}, picture, picture);
    expect(own).toEqual({ mean: 0, relative: 0 });
    expect(same).toMatchObject({ gram: 0, relative: 0, meanStd: 0 });
    const at = (c: number, y: number, x: number): number => picture.rgb[(c * 32 + y) * 40 + x]!;
    let [across, down, all] = [0, 0, 0];
    for (let c = 0; c < 3; c += 1) {
      for (let y = 0; y < 32; y += 1) {
        for (let x = 0; x < 40; x += 1) {
          const right = x < 39 ? at(c, y, x + 1) - at(c, y, x) : 0;
          const below = y < 31 ? at(c, y + 1, x) - at(c, y, x) : 0;
          across += Math.abs(right);
          down += Math.abs(below);
          all += right ** 2 + below ** 2;
        }
      }
    }
    expect(totalVariation.absoluteMean).toBeCloseTo(0.5 * (across / (3 * 32 * 39) + down / (3 * 31 * 40)), 5);
    expect(totalVariation.squaredSum / all).toBeCloseTo(1, 4);
  });

  it('refuses pictures that the layers can not see, and a network that leaves the numbers', async () => {
    expect(await errorOf(measure(randomPicture(8, 8, 1)))).toMatchObject({ code: 'E_IMAGE_SIZE' });
    const conv1_1 = weights.convolutions['conv1_1']!;
    const huge = { ...conv1_1, weight: conv1_1.weight.map((value) => value * 3e38) };
    const broken = { ...weights, convolutions: { ...weights.convolutions, conv1_1: huge } };
    expect(await errorOf(measure(picture, {}, content, style, broken))).toMatchObject({
      ...{ code: 'E_NUMERIC', option: 'network' },
    });
  });

  it('plans no steps, and has its numbers in rows for people and as JSON', async () => {
    const pictures = { picture, content, style };
    const plan = planMethod(evaluate, weights, pictures, {});
    expect(plan).toMatchObject({ width: 40, height: 32, scales: [] });
    expect([plan.memoryBytes > 1e8, plan.operations > 0]).toEqual([true, true]);
    const found = await measure(picture);
    const rows = evaluate.summarize!(found);
    expect(rows.map(([name]) => name)).toEqual([
      ...[
        'Content',
        '  relu4_2',
        'Style',
        '  relu1_1',
        '  relu2_1',
        '  relu3_1',
        '  relu4_1',
        '  relu5_1',
        '  all',
      ],
      ...['Total variation', ''],
    ]);
    expect(new Set(rows.map(({ length }) => length))).toEqual(new Set([4]));
    expect(Number(rows[1]![1]) / found.content.mean).toBeCloseTo(1, 2);
    const { stopped: _, ...numbers } = found;
    expect(evaluate.record!(found)).toEqual(numbers);
    expect(evaluate.terms({ pooling: 'max' })).toEqual([]);
  });

  it('takes no picture for transparent', async () => {
    const clear = createImage(40, 32, picture.rgb, new Float32Array(40 * 32).fill(0.5));
    expect(await measure(clear)).toEqual(await measure(picture));
  });
});
