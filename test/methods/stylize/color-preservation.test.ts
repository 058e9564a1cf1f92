import { afterAll, describe, expect, it } from 'vitest';
import type { Image } from '../../../src/images/image.js';
import { luminanceOf } from '../../../src/images/luminance.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readToyWeights } from '../../toy-weights.js';
import { errorOf } from '../method-runs.js';
import { content, halves, meanOf, redness, stripesStylizer } from './striped-pictures.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();
const stylize = stripesStylizer({ runtime, weights });

describe('colours', () => {
  it('stay the photograph’s when only luminance is painted', async () => {
    const { image } = await stylize({ preserveColors: 'luminance', size: 48 });
    const [before, after] = [luminanceOf(content), luminanceOf(image)];
    expect(Math.max(...after.map((value, i) => Math.abs(value - before[i]!)))).toBeGreaterThan(0.03);
    for (let i = 0; i < before.length; i += 1) {
      const [was, is] = [content, image].map(({ rgb }, k) =>
        [0, 1, 2].map((channel) => rgb[channel * before.length + i]! - [before, after][k]![i]!),
      ) as [number[], number[]];
      // Colour differences are the photograph's, or all of them less by the same factor.
      const kept =
        is.reduce((sum, value, k) => sum + value * was[k]!, 0) / was.reduce((sum, v) => sum + v * v, 0);
      expect(kept).toBeGreaterThan(0);
      expect(kept).toBeLessThan(1 + 1e-4);
      is.forEach((value, k) => expect(value).toBeCloseTo(kept * was[k]!, 4));
    }
  });

  it('are the photograph’s in the mean when the painting is matched first', async () => {
    const [plain, matched] = [await stylize({}), await stylize({ preserveColors: 'match' })];
    expect(redness(plain.image) - redness(content)).toBeGreaterThan(0.2);
    expect(Math.abs(redness(matched.image) - redness(content))).toBeLessThan(0.1);
  });
});

describe('an output mask', () => {
  it('leaves the rest of the picture untouched to the last bit', async () => {
    const shown: Image[] = [];
    const { image } = await stylize(
      { feather: 3 },
      {
        mask: halves(48, 32),
      },
      {
        onProgress: (event) => {
          if (event.type === 'iteration' && event.iteration === 14) shown.push(event.image());
        },
      },
    );
    for (const picture of [image, ...shown]) {
      expect(picture.width).toBe(48);
      picture.rgb.forEach((value, i) => {
        if (i % 48 < 24) expect(value).toBe(content.rgb[i]);
      });
      expect(meanOf(picture, 0, (x) => x >= 28) - meanOf(content, 0, (x) => x >= 28)).toBeGreaterThan(0.015);
    }
  });

  it('of other proportions is an error', async () => {
    const error = await errorOf(stylize({}, { mask: halves(48, 48) }));
    expect(error).toMatchObject({
      code: 'E_IMAGE_SIZE',
      message: expect.stringContaining('48x48') as string,
    });
  });
});
