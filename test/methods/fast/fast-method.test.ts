import { afterAll, describe, expect, it } from 'vitest';
import { createSession, stylize, type Progress } from '../../../src/node.js';
import { createImage, type Image } from '../../../src/images/image.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { noise } from '../../noise.js';
import { toyAnyStyle, toyPerceptual } from '../../toy-any-style.js';

const runtime = createNativeRuntime({ threads: 1 });
const session = createSession({ runtime });
afterAll(() => runtime.dispose());
const network = toyAnyStyle;

const picture = (width: number, height: number, scale = 1): Image =>
  createImage(
    width,
    height,
    noise(3 * width * height).map((value) => scale * value),
  );
const content = picture(61, 45);
const [one, two] = [picture(80, 50, 0.5), picture(64, 64, 0.9)];

/** A picture whose left half is white and whose right half is black. */
const halves = createImage(
  61,
  45,
  Float32Array.from({ length: 3 * 61 * 45 }, (_, i) => (i % 61 < 30 ? 1 : 0)),
);

type Order = Record<string, unknown>;
const paint = async (order: Order, photograph = content): Promise<Image> => {
  const request = { content: photograph, styles: one, network, fast: true, ...order };
  return (await stylize(request as unknown as Parameters<typeof stylize>[0], { session })).image;
};
const distance = (a: Image, b: Image): number =>
  a.rgb.reduce((sum, value, i) => sum + Math.abs(value - b.rgb[i]!), 0) / a.rgb.length;

describe('stylize in one pass', () => {
  it('paints after each painting differently, at the size that is wanted', async () => {
    const [first, second] = [await paint({}), await paint({ styles: two })];
    expect(first).toMatchObject({ width: 61, height: 45 });
    expect(first.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
    expect(distance(first, second)).toBeGreaterThan(1e-3);
    expect(await paint({ size: 40 })).toMatchObject({ width: 40, height: 30 });
    expect(await paint({}, picture(1, 1))).toMatchObject({ width: 1, height: 1 });
  });

  it('blends paintings, from the one to the other', async () => {
    const [first, second] = [await paint({}), await paint({ styles: two })];
    const styles = [one, two];
    expect(distance(await paint({ styles, styleBlend: [1, 0] }), first)).toBeLessThan(1e-5);
    const near = await paint({ styles, styleBlend: [3, 1] });
    const far = await paint({ styles, styleBlend: [1, 3] });
    expect(distance(near, first)).toBeLessThan(distance(far, first));
    expect(distance(far, second)).toBeLessThan(distance(near, second));
  });

  it('goes from the photograph as its own painting to the painting', async () => {
    const whole = await paint({});
    const distances = await Promise.all(
      [0, 0.5, 0.9].map(async (strength) => distance(await paint({ strength }), whole)),
    );
    expect(distances[0]).toBeGreaterThan(distances[1]!);
    expect(distances[1]).toBeGreaterThan(distances[2]!);
    expect(distance(await paint({ strength: 0 }), await paint({ styles: content }))).toBeLessThan(1e-5);
  });

  it('paints each region after its painting', async () => {
    const [first, second] = [await paint({}), await paint({ styles: two })];
    const both = await paint({ styles: [one, two], contentMask: halves, styleMasks: ['white', 'black'] });
    for (let i = 0; i < both.rgb.length; i += 1)
      expect(Math.abs(both.rgb[i]! - (i % 61 < 30 ? first : second).rgb[i]!)).toBeLessThan(1e-5);
  });

  it('keeps what is masked, and the brightness or the colours as asked', async () => {
    const masked = await paint({ mask: halves });
    const painted = await paint({});
    masked.rgb.forEach((value, i) => {
      if (Math.abs(value - (i % 61 < 30 ? painted : content).rgb[i]!) > 1e-6) throw new Error(`at ${i}`);
    });
    for (const preserveColors of ['luminance', 'match', 'chroma'] as const)
      expect(distance(await paint({ preserveColors }), painted)).toBeGreaterThan(1e-4);
  });

  it('paints in tiles what it paints as a whole', async () => {
    const large = picture(150, 131);
    const [whole, tiled] = [await paint({}, large), await paint({ tile: 64 }, large)];
    expect(whole.rgb.every((value, i) => Math.abs(value - tiled.rgb[i]!) < 2e-4)).toBe(true);
  });

  it('paints photographs of one colour, as a whole and in tiles', async () => {
    for (const value of [0, 0.3, 1]) {
      const plain = createImage(150, 131, new Float32Array(3 * 150 * 131).fill(value));
      for (const order of [{}, { tile: 64 }]) {
        const { rgb } = await paint(order, plain);
        expect(rgb.every((seen) => seen >= 0 && seen <= 1)).toBe(true);
      }
    }
  });

  it('paints after the smallest paintings, and those of one colour', async () => {
    const grey = createImage(8, 8, new Float32Array(3 * 64).fill(0.4));
    for (const painting of [picture(8, 8), grey, picture(1, 1)]) {
      const painted = await paint({ styles: painting });
      expect(painted).toMatchObject({ width: 61, height: 45 });
      expect(painted.rgb.every(Number.isFinite)).toBe(true);
    }
  });

  it('is refined by the optimisation, which starts where it ended, and can be resumed', async () => {
    const request = { content, styles: one, network, fast: true, refine: 4 } as unknown as Parameters<
      typeof stylize
    >[0];
    const losses: number[] = [];
    let state: Uint8Array | undefined;
    const onProgress = (event: Progress): void => {
      if (event.type !== 'iteration') return;
      losses.push(event.losses.total);
      if (event.iteration === 2) state = event.state();
    };
    const refined = await stylize(request, { session, onProgress });
    expect(losses).toHaveLength(4);
    expect(losses.at(-1)).toBeLessThan(losses[0]!);
    expect(distance(refined.image, await paint({}))).toBeGreaterThan(1e-3);
    const resumed = await stylize(request, { session, resume: state });
    expect(resumed.image.rgb.every((value, i) => value === refined.image.rgb[i])).toBe(true);
  });

  it('refuses what it can’t use', async () => {
    const code = (value: string): unknown => expect.objectContaining({ code: value });
    await expect(paint({ strength: 1.5 })).rejects.toEqual(code('E_ARGUMENT'));
    await expect(paint({ iterations: 5 })).rejects.toThrow(/no option iterations/);
    await expect(paint({ styles: [one, two], styleBlend: [0, 0] })).rejects.toEqual(code('E_ARGUMENT'));
    await expect(paint({ method: 'patches' })).rejects.toThrow(/fast is the same as method fast/);
    await expect(paint({ contentMask: halves, styleMasks: [one] })).rejects.toThrow(/seen as a whole/);
    await expect(paint({ contentMask: halves, styleMasks: ['white'] })).rejects.toThrow(/no painting is for/);
    await expect(paint({ network: toyPerceptual })).rejects.toThrow(/not of the kind/);
    await expect(paint({ fast: false, network: network as never })).rejects.toThrow(/not of the kind/);
  });
});
