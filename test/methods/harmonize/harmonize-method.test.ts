import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { evaluate } from '../../../src/methods/evaluate/evaluate-method.js';
import { harmonize, type HarmonizePictures } from '../../../src/methods/harmonize/harmonize-method.js';
import type { HarmonizeOptions } from '../../../src/methods/harmonize/options.js';
import type { OptimizedPicture } from '../../../src/methods/optimization/walk-method.js';
import type { Progress } from '../../../src/methods/progress.js';
import { createRandom } from '../../../src/random.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readToyWeights } from '../../toy-weights.js';
import { planMethod, runMethod, thrownBy, type RunControl } from '../method-runs.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();

const [width, height] = [64, 48];
const pixels = width * height;
const random = createRandom(3);
/** Stripes and grain. */
const painting = createImage(
  width,
  height,
  Float32Array.from(
    { length: 3 * pixels },
    (_, i) => 0.5 + 0.3 * Math.sin((i % width) * 0.7) + 0.2 * (random.uniform() - 0.5),
  ),
  Float32Array.from({ length: pixels }, (_, i) => (i % 5) / 4),
);

/** A mask that is white in a box. */
function boxMask(left: number, top: number, right: number, bottom: number): Image {
  const inside = (i: number): boolean => {
    const [x, y] = [i % width, Math.floor((i % pixels) / width)];
    return x >= left && x < right && y >= top && y < bottom;
  };
  return createImage(
    width,
    height,
    Float32Array.from({ length: 3 * pixels }, (_, i) => (inside(i) ? 1 : 0)),
  );
}

/** The painting with a smooth object in the mask. */
function paste(mask: Image): Image {
  const rgb = painting.rgb.map((value, i) =>
    mask.rgb[i] === 1 ? 0.2 + (0.6 * Math.floor((i % pixels) / width)) / height : value,
  );
  return createImage(width, height, rgb, painting.alpha);
}

const mask = boxMask(16, 8, 48, 40);
const composite = paste(mask);
const quick: HarmonizeOptions = { iterations: [8, 8], feather: 2 };
const run = (
  pictures: HarmonizePictures,
  options: HarmonizeOptions,
  control: RunControl = {},
): Promise<OptimizedPicture> => runMethod(harmonize, { runtime, weights }, pictures, options, control);

describe('harmonize', () => {
  it("brings the object's style to the painting's, and leaves the painting alone to the last bit", async () => {
    const events: Progress[] = [];
    const onProgress = (event: Progress): void => void events.push(event);
    const { image, ...result } = await run({ painting, composite, mask }, quick, { onProgress });
    expect(result).toMatchObject({ stopped: 'finished', iterations: 16 });
    expect(image.alpha).toEqual(painting.alpha);
    const outside = painting.rgb.map((_, i) => (mask.rgb[i] === 0 ? 1 : 0));
    expect(image.rgb.filter((_, i) => outside[i] === 1)).toEqual(
      painting.rgb.filter((_, i) => outside[i] === 1),
    );
    expect(image.rgb.some((value, i) => outside[i] === 0 && value !== composite.rgb[i])).toBe(true);

    const cut = ({ rgb }: Image): Image => {
      const box = rgb.filter((_, i) => mask.rgb[i] === 1);
      return createImage(32, 32, box);
    };
    const distance = async (picture: Image): Promise<number> => {
      const { style } = await runMethod(
        evaluate,
        { runtime, weights },
        { picture: cut(picture), content: cut(composite), style: cut(painting) },
        {},
      );
      return style.relative;
    };
    expect(await distance(image)).toBeLessThan(0.8 * (await distance(composite)));

    for (const pass of [0, 1]) {
      const totals = result.curve.filter(({ scale }) => scale === pass).map(({ total }) => total);
      expect(totals.at(-1)).toBeLessThan(0.9 * totals[0]!);
    }
    expect(result.curve.map(({ histogram }) => histogram! > 0)).toEqual([
      ...new Array<boolean>(8).fill(false),
      ...new Array<boolean>(8).fill(true),
    ]);
    const stages = events.flatMap((event) => (event.type === 'stage' ? [event.stage] : []));
    expect(stages).toEqual(['targets', 'compile', 'optimize', 'targets', 'compile', 'optimize']);
  });

  it('leaves a piece of the painting itself where it is', async () => {
    const opaque = createImage(width, height, painting.rgb);
    const { losses, image } = await run(
      { painting: opaque, composite: opaque, mask },
      { ...quick, feather: 0, smoothColors: 0, tvWeight: 0 },
    );
    // Every patch matches itself, so that the pasted piece is its own target.
    expect(losses.total).toBeLessThan(1e-5);
    image.rgb.forEach((value, i) => expect(Math.abs(value - painting.rgb[i]!)).toBeLessThan(1e-2));
  });

  it('works at a smaller size, over a mask of any size that is white everywhere', async () => {
    const white = createImage(32, 24, new Float32Array(3 * 32 * 24).fill(1));
    const content = paste(boxMask(0, 0, width, height));
    const smaller = { ...quick, size: 32, iterations: 4 };
    const result = await run({ painting, composite: content, mask: white }, smaller);
    const plan = planMethod(harmonize, weights, { painting, composite: content, mask: white }, smaller);
    expect(plan.scales[0]).toMatchObject({ width: 32, height: 24, iterations: 2 });
    expect(result.image).toMatchObject({ width, height });
    expect(result.image.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('gives the picture so far when it is stopped', async () => {
    const controller = new AbortController();
    const onProgress = (event: Progress): void => {
      if (event.type === 'iteration' && event.iteration === 3) controller.abort();
    };
    const control = { signal: controller.signal, onProgress };
    const result = await run({ painting, composite, mask }, quick, control);
    expect(result).toMatchObject({ stopped: 'cancelled', iterations: 3 });
    expect(result.image).toMatchObject({ width, height });
  });

  it.each<[string, object, RegExp, HarmonizeOptions?]>([
    ['E_ARGUMENT', { mask: boxMask(0, 0, 0, 0) }, /mask is black everywhere/],
    ['E_IMAGE_SIZE', { mask: createImage(48, 64, new Float32Array(9216).fill(1)) }, /mask is 48x64/],
    ['E_IMAGE_SIZE', { composite: createImage(4, 3, new Float32Array(36)) }, /composite is 4x3/],
    ['E_IMAGE_SIZE', { mask: boxMask(20, 20, 23, 23) }, /too small for the layer relu\d_1 at 64x48/],
    ['E_LAYER', {}, /no layer "relu9_1"/, { referenceLayer: 'relu9_1' }],
    ['E_LAYER', {}, /no layer "nose"/, { coarseLayers: ['nose'] }],
  ])('refuses with %s %#', async (code, wrong, message, more = {}) => {
    const work = { painting, composite, mask, ...wrong };
    await expect(run(work, { ...quick, iterations: 2, ...more })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('what a harmonisation is planned and described as', () => {
  const pictures = { painting, composite, mask };

  it('has two passes at the size of the painting, or a smaller one', () => {
    const plan = planMethod(harmonize, weights, pictures, { iterations: [5, 3] });
    const scale = { width, height, margin: 0 };
    expect(plan.scales).toMatchObject([
      { ...scale, iterations: 5, pass: 'coarse' },
      { ...scale, iterations: 3, pass: 'fine' },
    ]);
    const resized = harmonize.resized!(harmonize.resolve({}), 32, pictures, 4);
    expect(resized).toMatchObject({ size: 32, iterations: [4, 4] });
    expect(harmonize.plan({ settings: resized, pictures }, weights)).toMatchObject({ width, height });
    expect(harmonize.batch).toBe(false);
  });

  it('refuses a size at which the layers of its first pass are not reached', () => {
    const settings = harmonize.resolve({ size: 16, coarseLayers: ['relu5_1'], fineLayers: ['relu1_1'] });
    expect(thrownBy(() => harmonize.plan({ settings, pictures }, weights))).toMatchObject({
      code: 'E_IMAGE_SIZE',
    });
  });

  it('has the terms of its loss, and its facts in words', () => {
    expect(harmonize.terms(harmonize.resolve({}))).toEqual([
      'content',
      'style',
      'histogram',
      'totalVariation',
    ]);
    const settings = harmonize.resolve({ histogramWeight: 0, feather: 2, coarseLayers: ['relu3_1'] });
    expect(harmonize.terms(settings)).toEqual(['content', 'style', 'totalVariation']);
    const names = { painting: ['p.jpg'], composite: ['c.png'], mask: ['m.png'] };
    const { title, before, facts } = harmonize.describe(
      settings,
      names,
      harmonize.plan({ settings, pictures }, weights),
    );
    expect([title, before]).toEqual(['c.png harmonised with p.jpg', 'composite']);
    expect(facts).toContainEqual(['Mask', 'its edge faded over 2 pixels']);
    expect(facts).toContainEqual([
      'Passes',
      `${width}x${height}, 80 iterations in the first pass, 60 in the second`,
    ]);
    expect(facts).toContainEqual(['Style of the first pass', 'weight 1: relu3_1 (1)']);
    expect(facts).toContainEqual(['Histogram', 'not used']);
  });

  it('shows pictures on the way that are the painting outside of the mask', async () => {
    const shown: Image[] = [];
    await run(
      pictures,
      { ...quick, iterations: 2 },
      {
        onProgress: (event) => event.type === 'iteration' && shown.push(event.image()),
      },
    );
    expect(shown).toHaveLength(2);
    for (const picture of shown) {
      picture.rgb.forEach((value, i) => {
        if (mask.rgb[i] === 0 && value !== painting.rgb[i]) expect.fail(`value ${i} is ${value}`);
      });
      expect(picture.rgb).not.toEqual(painting.rgb);
    }
  });
});
