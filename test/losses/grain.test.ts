import { describe, expect, it } from 'vitest';
import { gradients, input } from '../../src/graph/index.js';
import { createImage } from '../../src/images/image.js';
import { grainLoss } from '../../src/losses/grain.js';
import { grainWeights } from '../../src/methods/optimization/grain-weights.js';
import { createRandom } from '../../src/random.js';
import { valuesOfAll } from '../graph-values.js';

const [height, width] = [5, 6];
const pixels = height * width;
const random = createRandom(3);
const rgb = Float32Array.from({ length: 3 * pixels }, () => random.uniform());
const luma = Float32Array.from({ length: pixels }, () => random.uniform());
const chroma = Float32Array.from({ length: pixels }, () => random.uniform());

const x = input('x', [1, 3, height, width]);
const plane = (name: string) => input(name, [1, 1, height, width]);
const loss = grainLoss(x, { luma: plane('luma'), chroma: plane('chroma') });

async function computed(picture: Float32Array): Promise<{ loss: number; gradient: Float32Array }> {
  const outputs = { loss, gradient: gradients(loss, [x])[0]! };
  const values = await valuesOfAll(outputs, { x: picture, luma, chroma });
  return { loss: values['loss']![0]!, gradient: values['gradient']! as Float32Array };
}

/** In double precision, from the definition: means over neighbours below and to the right. */
function bruteForce(picture: ArrayLike<number>): number {
  const [r, g, b] = [0, 1, 2].map((c) => (i: number) => picture[c * pixels + i]!) as [
    (i: number) => number,
    (i: number) => number,
    (i: number) => number,
  ];
  const y = (i: number): number => 0.299 * r(i) + 0.587 * g(i) + 0.114 * b(i);
  const planes = [
    { value: y, weights: luma, share: 6 / 7 },
    { value: (i: number) => (b(i) - y(i)) / 1.772, weights: chroma, share: 1 / 14 },
    { value: (i: number) => (r(i) - y(i)) / 1.402, weights: chroma, share: 1 / 14 },
  ];
  let total = 0;
  for (const { value, weights, share } of planes) {
    for (const [dy, dx] of [
      [1, 0],
      [0, 1],
    ] as const) {
      const count = (height - dy) * (width - dx);
      for (let row = 0; row + dy < height; row += 1) {
        for (let column = 0; column + dx < width; column += 1) {
          const [at, next] = [row * width + column, (row + dy) * width + column + dx];
          total += ((share / 2) * weights[at]! * Math.abs(value(next) - value(at))) / count;
        }
      }
    }
  }
  return total;
}

describe('the loss of grain', () => {
  it('is the weighted variation of luma and chroma', async () => {
    expect((await computed(rgb)).loss).toBeCloseTo(bruteForce(rgb), 5);
  });

  it('has the gradient that finite differences have', async () => {
    const { gradient } = await computed(rgb);
    for (const at of [0, 17, pixels + 3, 2 * pixels + 29]) {
      const moved = (by: number): number =>
        bruteForce(Array.from(rgb, (value, i) => (i === at ? value + by : value)));
      expect(gradient[at]).toBeCloseTo((moved(1e-6) - moved(-1e-6)) / 2e-6, 4);
    }
  });

  it('counts 1 where everything is flat and the picture varies as the painting does', async () => {
    const flat = createImage(width, height, new Float32Array(3 * pixels).fill(0.5));
    const weights = grainWeights(flat, { luma: 0.02, chroma: 0.01 });
    const checks = Float32Array.from({ length: pixels }, (_, i) => ((i % width) + Math.floor(i / width)) % 2);
    // Steps of 0.02 in Y and of 0.01 in Cb and Cr between all neighbours.
    const [cb, cr] = [0.01, 0.01];
    const steps = [
      0.02 + 1.402 * cr,
      0.02 - (0.114 * 1.772 * cb + 0.299 * 1.402 * cr) / 0.587,
      0.02 + 1.772 * cb,
    ];
    const picture = Float32Array.from({ length: 3 * pixels }, (_, i) => {
      return 0.4 + steps[Math.floor(i / pixels)]! * checks[i % pixels]!;
    });
    const values = await valuesOfAll({ loss }, { x: picture, luma: weights.luma, chroma: weights.chroma });
    expect(values['loss']![0]).toBeCloseTo(1, 3);
  });

  it('leaves edges of the photograph to be painted', () => {
    const step = createImage(
      20,
      8,
      Float32Array.from({ length: 480 }, (_, i) => (i % 20 < 10 ? 0.1 : 0.9)),
    );
    const { luma: atLuma, chroma: atChroma } = grainWeights(step, { luma: 0.01, chroma: 0.01 });
    expect(atLuma[1]).toBeCloseTo(100, 3);
    expect(atLuma[9]).toBeLessThan(1);
    expect(atChroma[9]).toBeGreaterThan(25);
  });
});
