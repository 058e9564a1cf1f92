import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { evaluatePicture } from '../../../src/methods/evaluate.js';
import { harmonize } from '../../../src/methods/harmonize/harmonize.js';
import { resolveHarmonizeSettings, type HarmonizeOptions } from '../../../src/methods/harmonize/options.js';
import type { Progress } from '../../../src/progress.js';
import { createRandom } from '../../../src/random.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import { readVggWeights } from '../../../src/weights/vgg-files.js';
import { toyTensors } from '../../e2e/toy-network.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');

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

describe('harmonize', () => {
  it("brings the object's style to the painting's, and leaves the painting alone to the last bit", async () => {
    const events: Progress[] = [];
    const onProgress = (event: Progress): void => void events.push(event);
    const { image, ...result } = await harmonize(
      runtime,
      weights,
      { painting, composite, mask, onProgress },
      quick,
    );
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
      const { style } = await evaluatePicture(runtime, weights, {
        picture: cut(picture),
        content: cut(composite),
        style: cut(painting),
      });
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
    const { losses, image } = await harmonize(
      runtime,
      weights,
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
    const result = await harmonize(
      runtime,
      weights,
      { painting, composite: content, mask: white },
      { ...quick, size: 32, iterations: 4 },
    );
    expect(result.plan.scales[0]).toMatchObject({ width: 32, height: 24, iterations: 2 });
    expect(result.image).toMatchObject({ width, height });
    expect(result.image.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
  });

  it('gives the picture so far when it is stopped', async () => {
    const controller = new AbortController();
    const onProgress = (event: Progress): void => {
      if (event.type === 'iteration' && event.iteration === 3) controller.abort();
    };
    const work = { painting, composite, mask, signal: controller.signal, onProgress };
    const result = await harmonize(runtime, weights, work, quick);
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
    await expect(
      harmonize(runtime, weights, work, { ...quick, iterations: 2, ...more }),
    ).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('resolveHarmonizeSettings', () => {
  it('shares steps and weights out', () => {
    expect(resolveHarmonizeSettings().contentLayers).toEqual({ relu4_1: 0.5, relu4_2: 0.5 });
    expect(resolveHarmonizeSettings({ iterations: 7 }).iterations).toEqual([4, 3]);
  });

  it.each([
    [{ patch: 2 }, /side 2/],
    [{ iterations: 1 }, /1 iteration is too few/],
    [{ iterations: [1, 2, 3] }, /3 numbers of iterations for two passes \(1, 2, 3\)/],
    [{ contentWeight: 0, styleWeight: 0, histogramWeight: 0, tvWeight: 0 }, /All weights are 0/],
    [{ feather: -1 }, /feather can't be -1/],
  ])('refuses %j', (options, message) => {
    expect(() => resolveHarmonizeSettings(options)).toThrow(
      expect.objectContaining({ code: 'E_ARGUMENT', message: expect.stringMatching(message) }),
    );
  });
});
