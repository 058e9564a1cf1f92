import { afterAll, describe, expect, it } from 'vitest';
import { apply, blendStyles, createSession, style, stylize, type PaintingStyle } from '../../../src/node.js';
import { createImage, type Image } from '../../../src/images/image.js';
import { createNativeRuntime } from '../../../src/runtime/native.node.js';
import { noise } from '../../noise.js';
import { toyAnyStyle, toyPerceptual } from '../../toy-any-style.js';
import { toyStyleModel } from '../../toy-style-model.js';

const runtime = createNativeRuntime({ threads: 1 });
const session = createSession({ runtime });
afterAll(() => runtime.dispose());

const picture = (width: number, height: number, scale = 1): Image => {
  const values = noise(3 * width * height).map((value) => scale * value);
  return createImage(width, height, values);
};
const photograph = picture(150, 131);
const [one, two] = [picture(80, 50, 0.5), picture(64, 64, 0.9)];

const read = async (painting: Image): Promise<PaintingStyle> =>
  (await style({ painting, model: toyAnyStyle }, { session })).style;
const paint = async (model: PaintingStyle, options: object = {}): Promise<Image> =>
  (await apply({ model: { style: model, model: toyAnyStyle }, picture: photograph, ...options }, { session }))
    .image;
const largest = (a: Image, b: Image): number =>
  a.rgb.reduce((most, value, i) => Math.max(most, Math.abs(value - b.rgb[i]!)), 0);
const mean = (a: Image, b: Image): number =>
  a.rgb.reduce((sum, value, i) => sum + Math.abs(value - b.rgb[i]!), 0) / a.rgb.length;

describe('style', () => {
  it('reads what stylize paints with in one pass', async () => {
    const request = { content: photograph, styles: one, network: toyAnyStyle, fast: true };
    const stylized = (await stylize(request as unknown as Parameters<typeof stylize>[0], { session })).image;
    expect(largest(await paint(await read(one)), stylized)).toBeLessThan(1e-5);
  });

  it('says which network it is for, and what of', async () => {
    const named = { ...one, name: 'painting.jpg' };
    expect(await read(named)).toMatchObject({ model: 'toy', fingerprint: toyAnyStyle.fingerprint() });
    expect((await read(named)).code.length).toBe(toyAnyStyle.codeLength);
  });

  it('paints in tiles what it paints as a whole', async () => {
    const of = await read(one);
    expect(largest(await paint(of, { tile: 64 }), await paint(of))).toBeLessThan(2e-4);
  });

  it('gives, blended, something between', async () => {
    const [first, second] = [await read(one), await read(two)];
    const both = await paint(blendStyles([first, second], [1, 1]));
    const apart = mean(await paint(first), await paint(second));
    for (const end of [first, second]) expect(mean(both, await paint(end))).toBeLessThan(apart);
  });

  it('is refused by other versions of its network, and with options for models with styles of their own', async () => {
    const of = await read(one);
    const refused = async (options: object): Promise<unknown> =>
      paint(of, options).catch((error: unknown) => error);
    for (const options of [
      { style: ['wave'] },
      { seed: 3 },
      { layerWeights: ['content=2'] },
      { range: '0..1' },
    ])
      expect(await refused(options)).toMatchObject({ code: 'E_ARGUMENT', option: Object.keys(options)[0] });
    expect(await refused({ styleMasks: [photograph] })).toMatchObject({ option: 'styleMasks' });
  });

  it('refuses tiles with a network that has to see the whole picture', async () => {
    const { network: _, ...whole } = toyAnyStyle;
    const of = await read(one);
    const request = { model: { style: of, model: whole }, picture: photograph };
    expect(largest((await apply(request, { session })).image, await paint(of))).toBeLessThan(1e-5);
    await expect(apply({ ...request, tile: 64 }, { session })).rejects.toMatchObject({
      code: 'E_ARGUMENT',
      option: 'tile',
    });
  });

  it('needs a network that takes codes', async () => {
    for (const model of [toyPerceptual, toyStyleModel()])
      await expect(style({ painting: one, model: model as never }, { session })).rejects.toMatchObject({
        code: 'E_ARGUMENT',
      });
  });
});
