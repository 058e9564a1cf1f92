import { afterAll, describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../../src/images/image.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { readToyWeights } from '../../toy-weights.js';
import { errorOf } from '../method-runs.js';
import { blue, content, halves, red, redness, stripes, stripesStylizer } from './striped-pictures.js';

const runtime = createNativeRuntime({ threads: 1 });
afterAll(() => runtime.dispose());
const weights = await readToyWeights();
const stylize = stripesStylizer({ runtime, weights });

describe('regions', () => {
  const masks = { contentMask: halves(48, 32), styles: [red, blue] };

  const long = { scales: [48], iterations: 70 };
  const left = (x: number): boolean => x < 20;
  const right = (x: number): boolean => x >= 28;

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
      return (await stylize({ styleBlend, scales: [48], iterations: 1 }, work)).curve[0]!.style!;
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
