import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import { harmonize } from '../../src/methods/harmonize/harmonize-method.js';
import type { AnyMethod } from '../../src/methods/method.js';
import { neighborStylization } from '../../src/methods/neighbors/neighbors-method.js';
import type { OptimizedPicture } from '../../src/methods/optimization/walk-method.js';
import { patchStylization } from '../../src/methods/patches/patches-method.js';
import { gramStylization } from '../../src/methods/stylize/gram-method.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { largestDifference } from '../largest-difference.js';
import { readToyWeights } from '../toy-weights.js';
import { randomPicture, runMethod, type RunControl } from './method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const bench = { runtime, weights: await readToyWeights() };

const [photograph, painting] = [randomPicture(40, 32, 1), randomPicture(40, 32, 2)];
/** White in the middle, black around it. */
const mask: Image = createImage(
  40,
  32,
  Float32Array.from({ length: 3 * 40 * 32 }, (_, i) => {
    const [column, row] = [i % 40, Math.floor(i / 40) % 32];
    return column > 8 && column < 30 && row > 6 && row < 26 ? 1 : 0;
  }),
);

const cases: readonly (readonly [string, AnyMethod, object, object])[] = [
  [
    'neighbors',
    neighborStylization,
    { content: photograph, styles: [painting] },
    { scales: [32], iterations: [4], splitIterations: 0, layers: ['relu2_1'] },
  ],
  [
    'patches',
    patchStylization,
    { content: photograph, style: painting },
    { scales: [32], iterations: [4], patchLayers: ['relu2_1'], rematch: 4 },
  ],
  [
    'harmonize',
    harmonize,
    { painting, composite: photograph, mask },
    {
      ...{ size: 40, iterations: [3, 3], contentLayers: ['relu2_1'], coarseLayers: ['relu2_1'] },
      ...{ fineLayers: ['relu2_1'], referenceLayer: 'relu2_1', histogramLayers: ['relu1_1'] },
    },
  ],
];

const runsOf =
  (method: AnyMethod, pictures: object) =>
  (options: object, control: RunControl = {}): Promise<OptimizedPicture> =>
    runMethod(method, bench, pictures, options, control) as Promise<OptimizedPicture>;

describe('weights of terms that may change while a method runs', () => {
  it.each(cases)('are the weights that their factors make: %s', async (_, method, pictures, short) => {
    const run = runsOf(method, pictures);
    const settings = method.resolve(short) as Readonly<Record<string, number>>;
    for (const [term, option] of Object.entries(method.weightOptions!)) {
      if (settings[option] === 0) continue;
      const restarted = await run({ ...short, [option]: 2 * settings[option]! });
      const steered = await run(short, { factors: () => ({ [term]: 2 }) });
      const first = (outcome: OptimizedPicture): number => outcome.curve[0]!.total;
      expect(Math.abs(first(steered) / first(restarted) - 1)).toBeLessThan(1e-3);
      expect(largestDifference(steered.image.rgb, restarted.image.rgb)).toBeLessThan(0.02);
    }
  });

  it('are those of stylize in every variant that optimises', () => {
    const all = Object.entries(stylize.weightOptions!);
    expect(stylize.weightOptions).toEqual(gramStylization.weightOptions);
    for (const [, method] of cases) {
      for (const [term, option] of Object.entries(method.weightOptions!)) {
        expect(all).toContainEqual([term, option]);
        expect(Object.keys(method.options.shape)).toContain(option);
      }
    }
  });
});
