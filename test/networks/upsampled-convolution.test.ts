import { describe, expect, it } from 'vitest';
import { convolution, gradients, multiply, padImage, sum, upsampleNearest } from '../../src/graph/index.js';
import { upsampledConvolution } from '../../src/networks/upsampled-convolution.js';
import { valuesOfAll } from '../graph-values.js';
import { forAll } from '../graph/draw.js';

describe('upsampledConvolution', () => {
  it('is doubling, going on beyond the border and convolving, and so are its gradients', () =>
    forAll(15, async (draw) => {
      const [channels, out] = [draw.pick([1, 3, 16]), draw.pick([1, 2, 16])];
      const x = draw.input([draw.integer(1, 2), channels, draw.integer(1, 4), draw.integer(1, 4)]);
      const side = draw.pick([3, 5]);
      const w = draw.input([out, channels, side, side]);
      const bias = draw.input([out]);
      const short = upsampledConvolution(x, w, bias);
      const long =
        side === 3
          ? convolution(padImage(upsampleNearest(x, 2), 1, 'reflect'), w, { bias })
          : convolution(upsampleNearest(padImage(x, 1, 'replicate'), 2), w, { bias });
      expect(short.shape).toEqual(long.shape);
      const g = draw.input(long.shape);
      const names = ['y', 'dx', 'dw', 'db'];
      const all = [short, long].map((y) => [y, ...gradients(sum(multiply(y, g)), [x, w, bias])]);
      const [found, expected] = await Promise.all(
        all.map((tensors) =>
          valuesOfAll(Object.fromEntries(tensors.map((tensor, i) => [names[i]!, tensor])), draw.values),
        ),
      );
      for (const name of names) {
        const scale = Math.max(1, ...expected![name]!.map(Math.abs));
        const worst = Math.max(...expected![name]!.map((value, i) => Math.abs(value - found![name]![i]!)));
        expect(worst, name).toBeLessThan(2e-5 * scale);
      }
    }));
});
