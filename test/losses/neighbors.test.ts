import { expect, it } from 'vitest';
import { gradients, input } from '../../src/graph/index.js';
import { neighborLoss } from '../../src/losses/neighbors.js';
import { createRandom } from '../../src/random.js';
import { valuesOfAll } from '../graph-values.js';

const [height, width] = [2, 3];
const size = height * width;
const channels = [2, 4];
const random = createRandom(5);
const normal = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
const values: Record<string, Float32Array> = Object.fromEntries(
  channels.flatMap((count, layer) => [
    [`features${layer}`, normal(count * size)],
    [`mean${layer}`, normal(count)],
    [`scale${layer}`, Float32Array.of(0.7 + layer)],
    [`target${layer}`, normal(count * size)],
  ]),
);
// Over all layers the vector of each position has unit length.
for (let q = 0; q < size; q += 1) {
  const at = (layer: number): number[] => Array.from({ length: channels[layer]! }, (_, c) => c * size + q);
  const length = Math.hypot(...channels.flatMap((_, l) => at(l).map((i) => values[`target${l}`]![i]!)));
  channels.forEach((_, l) => at(l).forEach((i) => (values[`target${l}`]![i]! /= length)));
}

const loss = neighborLoss(
  channels.map((count, layer) => ({
    features: input(`features${layer}`, [1, count, height, width]),
    mean: input(`mean${layer}`, [1, count, 1, 1]),
    scale: input(`scale${layer}`, [1]),
    target: input(`target${layer}`, [1, count, height, width]),
  })),
);

/** One minus the cosine of the angle between the two vectors of each position, by their definition. */
function bruteForce(inputs: Record<string, ArrayLike<number>>): number {
  let sum = 0;
  for (let q = 0; q < size; q += 1) {
    const [a, b]: [number[], number[]] = [[], []];
    channels.forEach((count, layer) => {
      for (let c = 0; c < count; c += 1) {
        const part = (name: string, i: number): number => inputs[`${name}${layer}`]![i]!;
        a.push((part('features', c * size + q) - part('mean', c)) * part('scale', 0));
        b.push(part('target', c * size + q));
      }
    });
    const product = a.reduce((total, value, i) => total + value * b[i]!, 0);
    sum += 1 - product / (Math.hypot(...a) * Math.hypot(...b));
  }
  return sum / size;
}

it('is the mean cosine distance of standardised features, all layers as one vector', async () => {
  const output = await valuesOfAll({ loss }, values);
  expect(output['loss']![0]).toBeCloseTo(bruteForce(values), 5);
});

it('has the gradient that finite differences have', async () => {
  for (const layer of [0, 1]) {
    const name = `features${layer}`;
    const features = input(name, [1, channels[layer]!, height, width]);
    const one = neighborLoss(
      channels.map((count, l) => ({
        features: l === layer ? features : input(`features${l}`, [1, count, height, width]),
        mean: input(`mean${l}`, [1, count, 1, 1]),
        scale: input(`scale${l}`, [1]),
        target: input(`target${l}`, [1, count, height, width]),
      })),
    );
    const { gradient } = await valuesOfAll({ gradient: gradients(one, [features])[0]! }, values);
    for (const at of [0, 5, 11]) {
      const moved = (by: number): number =>
        bruteForce({
          ...values,
          [name]: Array.from(values[name]!, (value, i) => (i === at ? value + by : value)),
        });
      expect(gradient![at]).toBeCloseTo((moved(1e-5) - moved(-1e-5)) / 2e-5, 4);
    }
  }
});

it('is 0 for features that are their neighbours but for a positive factor', async () => {
  const same = { ...values };
  channels.forEach((count, layer) => {
    const [mean, scale, target] = ['mean', 'scale', 'target'].map((name) => values[`${name}${layer}`]!) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    same[`features${layer}`] = target.map((value, i) => {
      const c = Math.floor(i / size) % count;
      return (3 * value) / scale[0]! + mean[c]!;
    });
  });
  expect((await valuesOfAll({ loss }, same))['loss']![0]).toBeCloseTo(0, 5);
});
