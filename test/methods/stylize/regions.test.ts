import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { luminanceOf } from '../../../src/images/luminance.js';
import type { StylizeOptions } from '../../../src/methods/stylize/options.js';
import { decodeState, encodeState, type StylizeState } from '../../../src/methods/stylize/saved-state.js';
import { Stylizer, type StylizeInput, type StylizeResult } from '../../../src/methods/stylize/stylizer.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { encodeSafetensors } from '../../../src/formats/safetensors.js';
import { readVggWeights } from '../../../src/weights/vgg-files.js';
import { toyTensors } from '../../e2e/toy-network.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readVggWeights(encodeSafetensors(toyTensors()), 'toy.safetensors');

/** Stripes of two colours. */
function stripes(width: number, height: number, period: number, colors: readonly number[][]): Image {
  const rgb = new Float32Array(3 * width * height);
  for (let i = 0; i < width * height; i += 1) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const color = colors[Math.floor((x + 2 * y) / period) % colors.length]!;
    color.forEach((value, channel) => (rgb[channel * width * height + i] = value));
  }
  return createImage(width, height, rgb);
}

/** Black on the left, white on the right. */
function halves(width: number, height: number, left = 0, right = 1): Image {
  const rgb = Float32Array.from({ length: 3 * width * height }, (_, i) =>
    i % width < width / 2 ? left : right,
  );
  return createImage(width, height, rgb);
}

const content = stripes(48, 32, 9, [
  [0.3, 0.5, 0.7],
  [0.6, 0.5, 0.4],
]);
const red = stripes(40, 40, 4, [
  [0.9, 0.1, 0.1],
  [0.6, 0.2, 0],
]);
const blue = stripes(40, 30, 6, [
  [0.1, 0.2, 0.9],
  [0, 0.1, 0.5],
]);
const quick: StylizeOptions = {
  scales: [32, 48],
  iterations: [12, 8],
  styleLayers: ['relu1_1', 'relu2_1', 'relu3_1'],
};

async function stylize(options: StylizeOptions, work: Partial<StylizeInput> = {}): Promise<StylizeResult> {
  const stylizer = new Stylizer(runtime, weights, { ...quick, ...options });
  try {
    return await stylizer.stylize({ content, styles: [red], ...work });
  } finally {
    await stylizer.dispose();
  }
}

const meanOf = ({ rgb, width }: Image, channel: number, inside: (x: number) => boolean): number => {
  const plane = rgb.subarray((channel * rgb.length) / 3, ((channel + 1) * rgb.length) / 3);
  const counted = plane.filter((_, i) => inside(i % width));
  return counted.reduce((sum, value) => sum + value, 0) / counted.length;
};
const left = (x: number): boolean => x < 20;
const right = (x: number): boolean => x >= 28;

const errorOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'it succeeded',
    (error: unknown) => error,
  );

describe('the histogram loss', () => {
  it('is a term that falls, and that the other terms go with', async () => {
    const { curve, losses } = await stylize({
      histogramWeight: 2,
      histogramLayers: ['relu1_1', 'relu2_1:0.5'],
      scales: [48],
      iterations: 20,
    });
    expect(curve.every(({ histogram }) => histogram! > 0)).toBe(true);
    expect(losses.histogram).toBeLessThan(0.5 * curve[0]!.histogram!);
    const { content: c, style, totalVariation, histogram, total } = curve[3]!;
    expect(c + style + totalVariation + histogram!).toBeCloseTo(total, 4);
    const without = await stylize({ scales: [48], iterations: 2 });
    expect(without.losses).not.toHaveProperty('histogram');
  });
});

describe('--auto-tune', () => {
  it('keeps a term whose gradient is far too long from drowning the others', async () => {
    const loud = { histogramWeight: 1e4, scales: [48], iterations: 12 };
    const [plain, tuned] = [await stylize(loud), await stylize({ ...loud, autoTune: true })];
    expect(tuned.state.factors['histogram']).toBeLessThan(1e-2);
    expect(tuned.state.factors).toMatchObject({ style: 1 });
    expect(plain.state.factors).toEqual({});
    // What is added up is the tuned terms.
    const { content: c, style, totalVariation, histogram, total } = tuned.curve[0]!;
    expect(c + style + totalVariation + histogram!).toBeCloseTo(total, 4);
    expect(histogram! / plain.curve[0]!.histogram!).toBeCloseTo(tuned.state.factors['histogram']!, 3);
    expect(tuned.losses.style).toBeLessThan(plain.losses.style);
  });

  it('goes on from a state with the factors that it had', async () => {
    const options = { histogramWeight: 50, autoTune: true, lockDetail: 1 } as const;
    let saved: StylizeState | undefined;
    const whole = await stylize(options, {
      onProgress: (event) => {
        if (event.type === 'iteration' && event.iteration === 15) {
          saved = decodeState(encodeState(event.state()), 'state');
        }
      },
    });
    const rest = await stylize(options, { resume: saved });
    expect(rest.curve.map(({ total }) => total)).toEqual(whole.curve.map(({ total }) => total));
    expect(rest.image.rgb).toEqual(whole.image.rgb);
  });
});

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
    const redness = (image: Image): number => meanOf(image, 0, () => true) - meanOf(image, 2, () => true);
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
      expect(meanOf(picture, 0, right) - meanOf(content, 0, right)).toBeGreaterThan(0.015);
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

describe('regions', () => {
  const masks = { contentMask: halves(48, 32), styles: [red, blue] };

  const long = { scales: [48], iterations: 70 };
  const redness = (image: Image, inside: (x: number) => boolean): number =>
    meanOf(image, 0, inside) - meanOf(image, 2, inside);

  it('have a painting each', async () => {
    const { image } = await stylize(long, { ...masks, styleMasks: ['black', 'white'] });
    const { image: swapped } = await stylize(long, { ...masks, styleMasks: ['#ffffff', '#000000'] });
    expect(redness(image, left)).toBeGreaterThan(redness(content, left) + 0.2);
    expect(redness(image, right)).toBeLessThan(redness(content, right) - 0.05);
    expect(redness(swapped, right)).toBeGreaterThan(redness(content, right) + 0.2);
    expect(redness(swapped, left)).toBeLessThan(redness(content, left) - 0.05);
  });

  it('are found in one painting by its mask', async () => {
    const [wide, high] = [80, 30];
    const [own, other] = [
      stripes(wide, high, 4, [[0.9, 0.1, 0.1]]),
      stripes(wide, high, 6, [[0.1, 0.2, 0.9]]),
    ];
    const both = createImage(
      wide,
      high,
      own.rgb.map((value, i) => (i % wide < wide / 2 ? other.rgb[i]! : value)),
    );
    const work = { contentMask: halves(48, 32), styles: [both], styleMasks: [halves(40, 15)] };
    const { image } = await stylize(long, work);
    expect(redness(image, left)).toBeLessThan(redness(content, left) - 0.05);
    expect(redness(image, right)).toBeGreaterThan(redness(content, right) + 0.2);
  });

  it('that are the whole picture give what no mask gives', async () => {
    const one = { scales: [48], iterations: 3 };
    const white = halves(48, 32, 1, 1);
    for (const options of [one, { ...one, histogramWeight: 1 }]) {
      const plain = await stylize(options, { styles: [red, blue] });
      const masked = await stylize(options, {
        ...{ styles: [red, blue], contentMask: white, styleMasks: ['white', 'all'] },
      });
      expect(masked.curve[0]!.total / plain.curve[0]!.total).toBeCloseTo(1, 4);
    }
  });

  it('count as much as their paintings', async () => {
    const first = async (styleBlend: number[]): Promise<number> => {
      const work = { ...masks, styleMasks: ['black', 'white'] };
      return (await stylize({ styleBlend, scales: [48], iterations: 1 }, work)).curve[0]!.style;
    };
    const [onlyRed, onlyBlue, even, mixed] = [
      await first([1, 0]),
      await first([0, 1]),
      await first([1, 1]),
      await first([3, 1]),
    ];
    expect(even).toBeCloseTo((onlyRed + onlyBlue) / 2, 4);
    expect(mixed).toBeCloseTo((3 * onlyRed + onlyBlue) / 4, 4);
  });

  it('compose with everything else', async () => {
    const { image, losses, stopped } = await stylize(
      {
        ...{ histogramWeight: 1, autoTune: true, preserveColors: 'luminance', lockDetail: 0.5, feather: 2 },
        ...{ styleBlend: [2, 1], styleScale: 0.8 },
      },
      { ...masks, styleMasks: ['all', 'white'], mask: halves(48, 32, 1, 0) },
    );
    expect(stopped).toBe('finished');
    expect(losses.histogram).toBeGreaterThan(0);
    expect(losses.laplacian).toBeGreaterThan(0);
    image.rgb.forEach((value, i) => {
      if (i % 48 >= 24) expect(value).toBe(content.rgb[i]);
    });
  });

  it.each([
    [{ contentMask: halves(48, 32) }, /style mask/],
    [{ styleMasks: ['black', 'white'] }, /no content mask/],
    [{ contentMask: halves(48, 32), styleMasks: ['black'] }, /1 style mask\(s\) for 2 painting/],
    [{ contentMask: halves(48, 32), styleMasks: ['black', 'black'] }, /region white, and no style mask/],
    [{ contentMask: halves(48, 32), styleMasks: ['black', 'red'] }, /painting 2 has the region red/],
    [{ contentMask: halves(48, 32), styleMasks: ['black', 'mask.png'] }, /painting 2 can't be "mask.png"/],
  ])('with masks that do not go together are an error: %#', async (work, text) => {
    const error = await errorOf(stylize({}, { styles: [red, blue], ...work }));
    expect(error).toMatchObject({ code: 'E_ARGUMENT', message: expect.stringMatching(text) as string });
  });

  it('too small for a layer are an error that names both, but only at the finest scale', async () => {
    const corner = (width: number, height: number, side: number): Image =>
      createImage(
        width,
        height,
        Float32Array.from({ length: 3 * width * height }, (_, i) =>
          i % width < side && Math.floor(i / width) % height < side ? 1 : 0,
        ),
      );
    const work = { styleMasks: ['all', 'all'], styles: [red, blue] };
    const layers = { styleLayers: ['relu1_1', 'relu4_1'], margin: 0 };
    const error = await errorOf(stylize(layers, { ...work, contentMask: corner(48, 32, 6) }));
    expect(error).toMatchObject({
      code: 'E_IMAGE_SIZE',
      message: expect.stringMatching(/region white .* layer relu4_1 in the photograph at 48x32/) as string,
    });
    const { stopped } = await stylize(layers, { ...work, contentMask: corner(48, 32, 10) });
    expect(stopped).toBe('finished');
  });
});

describe('--lock-detail', () => {
  it('keeps edges nearer to the photograph’s', async () => {
    const [free, locked] = [await stylize({ lockDetail: 1e-6 }), await stylize({ lockDetail: 5 })];
    expect(locked.losses.laplacian! / 5).toBeLessThan(0.5 * (free.losses.laplacian! / 1e-6));
  });
});
