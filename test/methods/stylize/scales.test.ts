import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveStylizeSettings, type StylizeOptions } from '../../../src/methods/stylize/options.js';
import { canvasSize } from '../../../src/methods/plan.js';
import { paintingSize, planScales } from '../../../src/methods/stylize/scales.js';

const photograph = { width: 600, height: 400 };
const plan = (options: StylizeOptions, content = photograph) =>
  planScales(content, resolveStylizeSettings(options));
const sizes = (options: StylizeOptions, content = photograph) =>
  plan(options, content).scales.map(({ width, height }) => `${width}x${height}`);

describe('the plan of scales', () => {
  it('ends at the result’s size where there is one to end at, and below it where the scales end earlier', () => {
    expect(sizes({ scales: [64, 300] })).toEqual(['64x43', '300x200']);
    expect(plan({ scales: [64, 300] })).toMatchObject({ width: 300, height: 200 });
    expect(plan({ scales: [64, 128], size: 300 })).toMatchObject({ width: 300, height: 200 });
    expect(sizes({ scales: [64, 128], size: 300 })).toEqual(['64x43', '128x85']);
    expect(sizes({ scales: [64, 512], size: 300 })).toEqual(['64x43', '512x341']);
    expect(plan({ scales: [64, 512], size: 300 })).toMatchObject({ width: 300, height: 200 });
  });

  it('never enlarges a photograph that nobody asked to be enlarged', () => {
    expect(sizes({}, { width: 61, height: 43 })).toEqual(['61x43']);
    expect(sizes({}, { width: 401, height: 599 })).toEqual(['86x128', '171x256', '401x599']);
    expect(sizes({}, { width: 684, height: 401 })).toEqual(['128x75', '256x150', '512x300', '684x401']);
    expect(plan({}, { width: 4000, height: 3001 })).toMatchObject({ width: 4000, height: 3001 });
    expect(sizes({}, { width: 4000, height: 3001 }).at(-1)).toBe('2048x1537');
    expect(sizes({}, { width: 1300, height: 650 }).slice(-2)).toEqual(['512x256', '1300x650']);
    expect(sizes({ size: 122 }, { width: 61, height: 43 })).toEqual(['122x86']);
  });

  it('has all the steps that were asked for, at whatever scales are left', () => {
    const side = fc.integer({ min: 16, max: 3000 });
    fc.assert(
      fc.property(side, side, fc.integer({ min: 1, max: 2000 }), (width, height, iterations) => {
        const { scales } = plan({ iterations }, { width, height });
        expect(scales.reduce((sum, scale) => sum + scale.iterations, 0)).toBe(iterations);
      }),
    );
    const all = plan({ iterations: [9, 7, 5, 3, 2] }, { width: 900, height: 600 });
    expect(all.scales.map(({ iterations }) => iterations)).toEqual([9, 7, 5, 3]);
    expect(plan({ iterations: [9, 7, 5, 3, 2] }, { width: 61, height: 43 }).scales).toMatchObject([
      { iterations: 9 },
    ]);
  });

  it('brings the paintings along, by scale or by a size at the finest one', () => {
    const longSides = (options: StylizeOptions) =>
      plan({ scales: [100, 300], ...options }).scales.map(({ styleLongSide }) => styleLongSide);
    expect(longSides({})).toEqual([100, 300]);
    expect(longSides({ styleScale: 0.5 })).toEqual([50, 150]);
    expect(longSides({ styleSize: 600 })).toEqual([200, 600]);
  });

  it('has a margin no wider than there is picture to mirror', () => {
    const [scale] = plan({ scales: [40] }, { width: 40, height: 4 }).scales;
    expect(scale!.margin).toBeLessThanOrEqual(3);
    expect(canvasSize(scale!)).toEqual({ width: 40 + 2 * scale!.margin, height: 4 + 2 * scale!.margin });
  });

  it("ends at the photograph's own size, odd or small", () => {
    expect(sizes({}, { width: 333, height: 111 }).at(-1)).toBe('333x111');
    expect(plan({}, { width: 1, height: 1 }).scales).toMatchObject([{ width: 1, height: 1, iterations: 40 }]);
  });

  it('ends at a size that was asked for', () => {
    expect(sizes({ size: 512 }, { width: 4000, height: 3000 })).toEqual(['128x96', '256x192', '512x384']);
    expect(sizes({ size: 300 }, { width: 200, height: 100 }).at(-1)).toBe('300x150');
  });

  it('is as listed', () => {
    const steps = (options: StylizeOptions, content: typeof photograph) =>
      plan(options, content).scales.map(
        ({ width, height, iterations }) => `${width}x${height}*${iterations}`,
      );
    expect(steps({ scales: [50, 100], iterations: [3, 4] }, { width: 400, height: 200 })).toEqual([
      ...['50x25*3', '100x50*4'],
    ]);
    expect(steps({ scales: [64], iterations: 7 }, { width: 100, height: 100 })).toEqual(['64x64*7']);
  });

  it('has no margin where there is nothing to mirror', () => {
    const { scales } = plan({ size: 64 }, { width: 1, height: 4000 });
    expect(scales.map(({ margin }) => margin)).toEqual(scales.map(() => 0));
    expect(canvasSize({ width: 20, height: 10, margin: 3 })).toEqual({ width: 26, height: 16 });
  });

  it("brings paintings to the result's size, times their scale", () => {
    const style = (options: StylizeOptions): number[] =>
      plan({ size: 512, ...options }, { width: 512, height: 256 }).scales.map(
        ({ styleLongSide }) => styleLongSide,
      );
    expect(style({})).toEqual([128, 256, 512]);
    expect(style({ styleScale: 0.5 })).toEqual([64, 128, 256]);
    expect(style({ styleSize: 800 })).toEqual([200, 400, 800]);
  });

  it('keeps the proportions of paintings, and a pixel of each side', () => {
    expect(paintingSize({ width: 300, height: 200 }, { styleLongSide: 60 })).toEqual({
      width: 60,
      height: 40,
    });
    expect(paintingSize({ width: 20, height: 30 }, { styleLongSide: 60 })).toEqual({ width: 40, height: 60 });
    expect(paintingSize({ width: 1000, height: 1 }, { styleLongSide: 10 })).toEqual({ width: 10, height: 1 });
  });
});
