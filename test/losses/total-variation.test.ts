import { expect, it } from 'vitest';
import { totalVariation } from '../../src/losses/total-variation.js';
import { gradients, input } from '../../src/graph/index.js';
import { valuesOfAll } from '../graph-values.js';
import { describeGoldenLosses } from './golden-losses.js';

describeGoldenLosses({
  tv_l1_mean: ({ x }) => totalVariation(x.picture, 'absolute-mean'),
  tv_l2_sum: ({ x }) => totalVariation(x.picture, 'squared-sum'),
});

const [height, width] = [3, 4];
const x = input('x', [1, 1, height, width]);
const values = Float32Array.from({ length: height * width }, (_, i) => Math.sin(2 * i + 1));

it('with a circular border does not change when the picture is moved around', async () => {
  const rolled = values.map((_, i) => {
    const [row, column] = [Math.floor(i / width), i % width];
    return values[((row + 1) % height) * width + ((column + 3) % width)]!;
  });
  for (const form of ['absolute-mean', 'squared-sum'] as const) {
    const loss = totalVariation(x, form, 'circular');
    const outputs = { loss, gradient: gradients(loss, [x])[0]! };
    const [own, moved] = [
      await valuesOfAll(outputs, { x: values }),
      await valuesOfAll(outputs, { x: rolled }),
    ];
    expect(moved['loss']![0]).toBeCloseTo(own['loss']![0]!, 5);
    expect(Math.hypot(...moved['gradient']!)).toBeCloseTo(Math.hypot(...own['gradient']!), 5);
  }
});

it('counts the step over the border of a ramp, and without a circular border does not', async () => {
  const ramp = Float32Array.from({ length: height * width }, (_, i) => i % width);
  const sum = async (border: 'open' | 'circular'): Promise<number> =>
    (await valuesOfAll({ loss: totalVariation(x, 'squared-sum', border) }, { x: ramp }))['loss']![0]!;
  expect(await sum('open')).toBeCloseTo(height * (width - 1), 5);
  expect(await sum('circular')).toBeCloseTo(height * (width - 1) + height * (width - 1) ** 2, 5);
});
