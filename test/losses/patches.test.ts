import { describe, expect, it } from 'vitest';
import { gradients, input } from '../../src/graph/index.js';
import { patchLoss, patchTargets, type LayerMap } from '../../src/losses/patches.js';
import { createRandom } from '../../src/random.js';
import { valuesOfAll } from '../graph-values.js';

const random = createRandom(11);
const [channels, height, width] = [3, 5, 4];
const style: LayerMap = {
  channels,
  height: 4,
  width: 6,
  values: Float32Array.from({ length: channels * 24 }, () => random.normal()),
};
const features = Float32Array.from({ length: channels * height * width }, () => random.normal());

/** Any matches will do: they need not be the best. */
const field = Int32Array.from({ length: 2 * height * width }, (_, i) =>
  Math.floor(random.uniform() * (i % 2 === 0 ? style.height : style.width)),
);

/** The loss and its gradient as sums over patches, their positions and channels. */
function bruteForce(offsets: readonly number[]) {
  const gradient = new Float32Array(features.length);
  let [loss, comparisons] = [0, 0];
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      for (const dy of offsets) {
        for (const dx of offsets) {
          const at = 2 * (y * width + x);
          const [v, u] = [field[at]! + dy, field[at + 1]! + dx];
          const inside = y + dy >= 0 && y + dy < height && x + dx >= 0 && x + dx < width;
          if (!inside || v < 0 || v >= style.height || u < 0 || u >= style.width) continue;
          comparisons += 1;
          for (let c = 0; c < channels; c += 1) {
            const q = (c * height + y + dy) * width + x + dx;
            const difference = features[q]! - style.values[(c * style.height + v) * style.width + u]!;
            loss += difference ** 2;
            gradient[q]! += 2 * difference;
          }
        }
      }
    }
  }
  return { loss, gradient, comparisons };
}

async function computed(offsets: readonly number[], reduction: 'sum' | 'relative') {
  const targets = patchTargets(style, { height, width, field }, offsets);
  const x = input('features', [1, channels, height, width]);
  const loss = patchLoss(
    x,
    {
      average: input('average', x.shape),
      coverage: input('coverage', [1, 1, height, width]),
      residual: input('residual', [1]),
      energy: input('energy', [1]),
    },
    reduction,
  );
  const [gradient] = gradients(loss, [x]);
  return valuesOfAll({ loss, gradient: gradient! }, { features, ...targets });
}

describe('patchLoss', () => {
  it.each([[[0]], [[-1, 0, 1]], [[-2, 0, 2]]])(
    'is the sum over patches of offsets %j, with its gradient',
    async (offsets) => {
      const expected = bruteForce(offsets);
      const { loss, gradient } = await computed(offsets, 'sum');
      expect(loss![0]! / expected.loss).toBeCloseTo(1, 5);
      gradient!.forEach((value, i) => expect(value).toBeCloseTo(expected.gradient[i]!, 4));
    },
  );

  it('relative: is divided by what as many positions of the style have', async () => {
    const { loss, comparisons } = bruteForce([-1, 0, 1]);
    const energy = style.values.reduce((sum, value) => sum + value ** 2, 0) / (style.height * style.width);
    const { loss: relative } = await computed([-1, 0, 1], 'relative');
    expect(relative![0]! / (loss / (comparisons * energy))).toBeCloseTo(1, 5);
  });

  it('is 0 for a map matched with itself', () => {
    const own: LayerMap = { channels, height, width, values: features };
    const itself = Int32Array.from({ length: 2 * height * width }, (_, i) =>
      i % 2 === 0 ? Math.floor(i / 2 / width) : Math.floor(i / 2) % width,
    );
    const { average, residual } = patchTargets(own, { height, width, field: itself }, [-1, 0, 1]);
    average.forEach((value, i) => expect(value).toBeCloseTo(features[i]!, 6));
    expect(residual[0]).toBeCloseTo(0, 4);
  });
});
