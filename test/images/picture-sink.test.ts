import { describe, expect, it } from 'vitest';
import { createImage, type Image } from '../../src/images/image.js';
import { PlanesSink, SamplesSink } from '../../src/images/picture-sink.js';
import { partOf } from '../../src/images/raster.js';
import { thrownBy } from '../methods/method-runs.js';
import { interleaved, scatter } from './fixtures.js';

const [width, height] = [13, 9];
const picture = (alpha: boolean): Image => {
  const values = Float32Array.from(scatter(4 * width * height, 1001), (value) => value / 1000);
  const pixels = width * height;
  return createImage(
    width,
    height,
    values.slice(0, 3 * pixels),
    alpha ? values.slice(3 * pixels) : undefined,
  );
};

/** Parts of different sizes that cover the picture once, not in the order of its rows. */
const parts = [
  { left: 5, top: 0, width: 8, height: 4 },
  { left: 0, top: 4, width: 13, height: 5 },
  { left: 0, top: 0, width: 5, height: 4 },
];

describe('a picture that is put together from parts', () => {
  for (const alpha of [false, true]) {
    const whole = picture(alpha);

    it(`is that picture, as floats ${alpha ? 'with alpha' : 'without'}`, () => {
      const sink = new PlanesSink(whole, alpha);
      for (const part of parts) sink.put(partOf(whole, part), part.left, part.top);
      expect(sink.image()).toEqual(whole);
    });

    it(`is rounded to samples, ${alpha ? 'with alpha' : 'without'}`, () => {
      for (const bitDepth of [8, 16] as const) {
        const sink = new SamplesSink(whole, alpha, { bitDepth, format: 'png' });
        for (const part of parts) sink.put(partOf(whole, part), part.left, part.top);
        const largest = 2 ** bitDepth - 1;
        expect([...sink.samples]).toEqual(interleaved(whole, largest).map(Math.round));
        expect(sink.samples.BYTES_PER_ELEMENT).toBe(bitDepth / 8);
      }
    });
  }

  it('is laid over white where there is no alpha', () => {
    const sink = new SamplesSink({ width: 2, height: 1 }, true, { bitDepth: 8, format: 'jpeg' });
    sink.put(createImage(2, 1, Float32Array.of(0, 1, 0.5, 0, 1, 0), Float32Array.of(0.5, 0)), 0, 0);
    expect([...sink.samples]).toEqual([128, 191, 255, 255, 255, 255]);
  });

  it('is refused where a value is no number', () => {
    const sink = new SamplesSink({ width: 1, height: 1 }, false, { bitDepth: 8, format: 'png' });
    const put = () => sink.put(createImage(1, 1, Float32Array.of(0, NaN, 1)), 0, 0);
    expect(thrownBy(put)).toMatchObject({ code: 'E_NUMERIC' });
  });
});
