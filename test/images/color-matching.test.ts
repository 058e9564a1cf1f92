import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import { matchColors, type ColorMatchingOptions } from '../../src/images/color-matching.js';
import { createRandom } from '../../src/random.js';

/** Of a value that is rounded to 8 bits. */
const roundingVariance = 1 / 255 ** 2 / 12;
const forms = ['monge-kantorovich', 'symmetric', 'cholesky'] as const;
const everyWay: ColorMatchingOptions[] = [
  { mode: 'histogram' },
  { mode: 'luminance' },
  ...forms.map((affineForm) => ({ mode: 'affine', affineForm }) as const),
];

/** Colours scattered about one colour by a random linear map, far enough from the ends of the range not to be cut off. */
function scattered(seed: number, width: number, height: number, spread = 0.02): Image {
  const random = createRandom(seed);
  const map = Array.from({ length: 9 }, () => spread * random.normal());
  const centre = Array.from({ length: 3 }, () => 0.45 + 0.1 * random.uniform());
  const pixels = width * height;
  const rgb = new Float32Array(3 * pixels);
  for (let i = 0; i < pixels; i += 1) {
    const draw = [0, 1, 2].map(() => 2 * random.uniform() - 1);
    for (let c = 0; c < 3; c += 1) {
      rgb[c * pixels + i] = centre[c]! + draw.reduce((sum, v, k) => sum + map[3 * c + k]! * v, 0);
    }
  }
  return createImage(width, height, rgb);
}

const plane = ({ rgb, width, height }: Image, channel: number): Float32Array =>
  rgb.subarray(channel * width * height, (channel + 1) * width * height);
const average = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
/** Mean colour and covariance, by their definition. */
function moments(image: Image): number[] {
  const channels = [0, 1, 2].map((channel) => Array.from(plane(image, channel)));
  const means = channels.map(average);
  const products = channels.flatMap((a, i) =>
    channels.map((b, j) => average(a.map((value, k) => (value - means[i]!) * (b[k]! - means[j]!)))),
  );
  return [...means, ...products];
}
const expectClose = (found: readonly number[], expected: readonly number[], digits = 6): void =>
  found.forEach((value, i) => expect(value, `value ${i}`).toBeCloseTo(expected[i]!, digits));
const flat = (width: number, height: number, ...colour: number[]): Image =>
  createImage(
    width,
    height,
    Float32Array.from({ length: 3 * width * height }, (_, i) => colour[Math.floor(i / (width * height))]!),
  );
const luminance = (image: Image): number[] =>
  Array.from(
    plane(image, 0),
    (red, i) => 0.299 * red + 0.587 * plane(image, 1)[i]! + 0.114 * plane(image, 2)[i]!,
  );
const deviation = (values: number[]): number =>
  Math.sqrt(average(values.map((value) => (value - average(values)) ** 2)));

describe('matching colours', () => {
  it.each(forms)('makes mean and covariance the reference’s: %s', (affineForm) => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(), (one, two) => {
        // What varies no more than rounding to 8 bits does is left alone.
        const [picture, reference] = [scattered(one, 12, 9, 0.04), scattered(two, 8, 11, 0.04)];
        const [own] = [moments(picture)];
        // The least of three numbers is their product by at most the square of the mean of the two others.
        const trace = own[3]! + own[7]! + own[11]!;
        fc.pre(determinant(own.slice(3)) / (trace / 2) ** 2 > 2 * roundingVariance);
        expectClose(moments(matchColors(picture, reference, { affineForm })), moments(reference));
      }),
      { numRuns: 30 },
    );
  });

  it('moves colours least with monge-kantorovich', () => {
    const [picture, reference] = [scattered(3, 12, 9), scattered(4, 12, 9)];
    const way = (affineForm: (typeof forms)[number]): number =>
      average(matchColors(picture, reference, { affineForm }).rgb.map((v, i) => (v - picture.rgb[i]!) ** 2));
    expect(way('monge-kantorovich')).toBeLessThan(way('symmetric'));
    expect(way('monge-kantorovich')).toBeLessThan(way('cholesky'));
  });

  it('gives every channel the reference’s values, by rank', () => {
    const [picture, reference] = [scattered(5, 7, 6), scattered(6, 6, 7)];
    const matched = matchColors(picture, reference, { mode: 'histogram' });
    for (const channel of [0, 1, 2]) {
      const places = (image: Image): number[] =>
        Array.from(plane(image, channel).keys()).sort(
          (a, b) => plane(image, channel)[a]! - plane(image, channel)[b]!,
        );
      expect(places(matched)).toEqual(places(picture));
      expect([...plane(matched, channel)].sort()).toEqual([...plane(reference, channel)].sort());
    }
  });

  it('moves nothing but brightness with luminance', () => {
    const [picture, reference] = [scattered(7, 9, 9), scattered(8, 5, 7, 0.05)];
    const matched = matchColors(picture, reference, { mode: 'luminance' });
    expect(average(luminance(matched))).toBeCloseTo(average(luminance(reference)), 6);
    expect(deviation(luminance(matched))).toBeCloseTo(deviation(luminance(reference)), 6);
    const chroma = (image: Image): number[] =>
      Array.from(plane(image, 0), (red, i) => [red - plane(image, 1)[i]!, red - plane(image, 2)[i]!]).flat();
    expectClose(chroma(matched), chroma(picture));
  });

  it('keeps brightness and hue of what would leave the range', () => {
    // A saturated red becomes so bright that its chroma no longer fits.
    const matched = matchColors(flat(1, 1, 0.9, 0.1, 0.1), flat(1, 1, 0.8, 0.8, 0.8), { mode: 'luminance' });
    expect(luminance(matched)[0]).toBeCloseTo(0.8, 6);
    const [red, green, blue] = matched.rgb;
    expect(red).toBeCloseTo(1, 6);
    expect(green).toBeCloseTo(blue!, 6);
    expect(green).toBeLessThan(0.8);
  });

  it.each(everyWay)('leaves a picture as it is that is its own reference: %o', (options) => {
    const picture = scattered(9, 10, 10, 0.1);
    expectClose([...matchColors(picture, picture, options).rgb], [...picture.rgb], 5);
  });

  it.each(everyWay)('takes one colour to the reference’s mean: %o', (options) => {
    const reference = scattered(10, 6, 8);
    for (const [width, height] of [
      [6, 8],
      [1, 1],
    ] as const) {
      // Of a single value the rank is the middle one: it gets the median.
      if (options.mode === 'histogram' && width === 1) continue;
      const matched = matchColors(flat(width, height, 0.4, 0.4, 0.4), reference, options);
      const mean = moments(reference).slice(0, 3);
      if (options.mode === 'luminance') {
        expect(average(luminance(matched))).toBeCloseTo(average(luminance(reference)), 5);
        expect(new Set(matched.rgb).size).toBe(1);
      } else expectClose(moments(matched), [...mean, ...new Array<number>(9).fill(0)], 5);
    }
  });

  it.each(everyWay)('gives every pixel the colour of a reference that has one: %o', (options) => {
    const matched = matchColors(scattered(11, 6, 8), flat(2, 2, 0.2, 0.5, 0.4), options);
    if (options.mode === 'luminance') {
      const expected = luminance(flat(1, 1, 0.2, 0.5, 0.4))[0]!;
      for (const value of luminance(matched)) expect(value).toBeCloseTo(expected, 5);
    } else expectClose(moments(matched), [0.2, 0.5, 0.4, ...new Array<number>(9).fill(0)], 5);
  });

  it.each(everyWay)('makes no colour noise of a grey picture, and no grey of none: %o', (options) => {
    const random = createRandom(12);
    const grey = Float32Array.from({ length: 60 }, () => 0.3 + 0.4 * random.uniform());
    const rounding = (): number => 0.0008 * (random.uniform() - 0.5);
    const picture = createImage(
      10,
      6,
      Float32Array.from({ length: 180 }, (_, i) => grey[i % 60]! + rounding()),
    );
    const reference = scattered(13, 9, 9);
    const matched = matchColors(picture, reference, options);
    // What was hardly different from its neighbour in grey is hardly different now, in every channel.
    const order = [...grey.keys()].sort((a, b) => grey[a]! - grey[b]!);
    for (const channel of [0, 1, 2]) {
      const values = order.map((place) => plane(matched, channel)[place]!);
      const span = Math.max(...values) - Math.min(...values);
      const jumps = values.slice(1).map((value, i) => Math.abs(value - values[i]!));
      expect(Math.max(...jumps)).toBeLessThan(Math.max(0.35 * span, 0.002));
    }
  });

  it.each(everyWay)('counts no pixel that can’t be seen, and leaves it alone: %o', (options) => {
    const [picture, reference] = [scattered(14, 6, 4), scattered(15, 6, 4)];
    const seen = Float32Array.from({ length: 24 }, (_, i) => (i < 12 ? 0 : 0.1 + i / 24));
    const half = (image: Image): Image => {
      const rgb = [0, 1, 2].flatMap((channel) => [...plane(image, channel).subarray(12)]);
      return createImage(6, 2, Float32Array.from(rgb));
    };
    const matched = matchColors({ ...picture, alpha: seen }, { ...reference, alpha: seen }, options);
    expect(matched.alpha).toEqual(seen);
    const expected = matchColors(half(picture), half(reference), options);
    for (const channel of [0, 1, 2]) {
      expectClose([...plane(matched, channel).subarray(12)], [...plane(expected, channel)]);
      expect(plane(matched, channel).subarray(0, 12)).toEqual(plane(picture, channel).subarray(0, 12));
    }
    const hidden = { ...picture, alpha: new Float32Array(24) };
    expect(matchColors(hidden, reference, options).rgb).toEqual(picture.rgb);
  });

  it.each(everyWay)('goes part of the way, and stays in range: %o', (options) => {
    const [picture, reference] = [scattered(16, 6, 4), scattered(17, 6, 4, 0.6)];
    const clipped = { ...reference, rgb: reference.rgb.map((v) => Math.min(Math.max(v, 0), 1)) };
    const [none, part, all] = [0, 0.25, 1].map((strength) =>
      matchColors(picture, clipped, { ...options, strength }),
    ) as [Image, Image, Image];
    expect(none.rgb).toEqual(picture.rgb);
    expect(all.rgb.every((value) => value >= 0 && value <= 1)).toBe(true);
    expectClose(
      [...part.rgb],
      [...all.rgb].map((value, i) => 0.75 * picture.rgb[i]! + 0.25 * value),
    );
  });

  it('refuses what it can’t match', () => {
    const picture = scattered(18, 3, 3);
    const code = (expected: string): unknown => expect.objectContaining({ code: expected });
    const broken = createImage(1, 1, Float32Array.of(0, NaN, 0));
    for (const options of everyWay) {
      expect(() => matchColors(picture, broken, options)).toThrow(code('E_NUMERIC'));
      expect(() => matchColors(broken, picture, options)).toThrow(code('E_NUMERIC'));
    }
    const hidden = { ...picture, alpha: new Float32Array(9) };
    expect(() => matchColors(picture, hidden)).toThrow(code('E_ARGUMENT'));
    for (const options of [{ strength: 2 }, { mode: 'hue' }, { sterngth: 1 }]) {
      expect(() => matchColors(picture, picture, options as ColorMatchingOptions)).toThrow(
        code('E_ARGUMENT'),
      );
    }
  });
});

/** Of a symmetric matrix of 3 x 3, row by row. */
function determinant([a, b, c, , d, e, , , f]: number[]): number {
  return a! * (d! * f! - e! * e!) - b! * (b! * f! - e! * c!) + c! * (b! * e! - d! * c!);
}
