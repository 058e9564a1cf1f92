import { describe, expect, it } from 'vitest';
import { nodePlatform } from '../../../src/api/platform.node.js';
import type { SampleForm } from '../../../src/images/picture-sink.js';
import { SampledRaster } from '../../../src/images/raster.js';
import type { Samples } from '../../../src/images/sampled-picture.js';
import { apply } from '../../../src/methods/apply/apply-method.js';
import type { ApplyOptions } from '../../../src/methods/apply/options.js';
import type { PictureModel } from '../../../src/networks/picture-model.js';

const { weights } = await nodePlatform.loadModel('wave');
const eight: SampleForm = { bitDepth: 8, format: 'png' };
const [phone, camera, largest] = [
  [4032, 3024],
  [8064, 6048],
  [11_584, 8632],
] as const;

/** What a picture of a size takes, of whose samples there is the length alone. */
function planned(
  [width, height]: readonly [number, number],
  options: ApplyOptions = {},
  form: SampleForm | undefined = eight,
  bytes = 1,
): number {
  const samples = { byteLength: 3 * bytes * width * height } as Samples;
  const white = bytes === 1 ? 255 : 65_535;
  const stored = { samples, channels: 3, colours: 3, white, orientation: 1 } as const;
  const picture = new SampledRaster({ width, height, ...stored });
  const settings = apply.resolve(options);
  return apply.plan({ settings, pictures: { picture }, form }, weights as PictureModel).memoryBytes;
}

describe('what repainting takes', () => {
  it('is less than 2 GB at 100 megapixels, with 16 bits too', () => {
    expect(planned(largest)).toBeLessThan(1.3e9);
    expect(planned(largest, {}, { bitDepth: 16, format: 'png' }, 2)).toBeLessThan(2e9);
  });

  it('grows with the samples of both pictures alone', () => {
    const pixels = ([width, height]: readonly [number, number]): number => width * height;
    const growth = planned(largest) - planned(camera);
    expect(growth).toBeCloseTo(6 * (pixels(largest) - pixels(camera)), 3);
    expect(planned(camera) - planned(phone)).toBeCloseTo(6 * (pixels(camera) - pixels(phone)), 3);
  });

  it('is that of the encoder where this is the most', () => {
    expect(planned(largest, {}, { bitDepth: 8, format: 'jpeg' })).toBe(planned(largest));
    expect(planned(largest, {}, { bitDepth: 8, format: 'webp' })).toBeGreaterThan(2e9);
  });

  it('is more where floats of the whole are needed, and for larger tiles', () => {
    const usual = planned(phone);
    expect(planned(phone, { size: 4000 })).toBeGreaterThan(usual + 1e8);
    expect(planned(phone, { tile: 2048 })).toBeGreaterThan(usual + 1e8);
    expect(planned(phone, { tile: 512 })).toBeLessThan(usual - 1e8);
    expect(planned(phone, { strength: 0.5 })).toBeGreaterThan(usual);
  });
});
