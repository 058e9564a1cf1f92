import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StyleError } from '../../src/errors.js';
import { checkMemory, formatGigabytes, largestFittingSize } from '../../src/api/memory-check.js';
import { nodePlatform } from '../../src/api/platform.node.js';
import type { AnyMethod } from '../../src/methods/method.js';
import { texture } from '../../src/methods/texture/texture-method.js';
import { planMethod, randomPicture, thrownBy } from '../methods/method-runs.js';
import { readToyWeights } from '../toy-weights.js';

describe('the largest size that fits', () => {
  it('is that of a search through all sizes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 0, max: 3000 }),
        fc.integer({ min: 1, max: 200 }),
        (tooLarge, limit, smallest) => {
          const fits = (size: number): boolean => {
            if (size < smallest) throw new StyleError('E_IMAGE_SIZE', `${size} is too small.`, 'Use more.');
            return size <= limit;
          };
          let expected: number | undefined;
          for (let size = 16; size < tooLarge; size += 16)
            if (size >= smallest && size <= limit) expected = size;
          expect(largestFittingSize(tooLarge, fits)).toBe(expected);
        },
      ),
    );
  });

  it('does not swallow other errors', () => {
    const broken = () => {
      throw new StyleError('E_LAYER', 'There is no such layer.', 'Name another.');
    };
    expect(() => largestFittingSize(512, broken)).toThrowError('There is no such layer.');
  });
});

describe('a run that needs more memory than there is', () => {
  /** Takes a million bytes for each pixel of its long side. */
  const bytesOf = (side: number): number => 1e6 * side;
  const method = (more: Partial<AnyMethod> = {}): AnyMethod =>
    ({
      plan: ({ settings }: { settings: { size: number } }) => planOf(settings.size),
      resized: (settings: object, size: number) => ({ ...settings, size }),
      ...more,
    }) as unknown as AnyMethod;
  const planOf = (side: number) => ({
    ...{ width: side, height: 1, memoryBytes: bytesOf(side), operations: 0 },
    scales: [{ width: side, height: 1, iterations: 1, margin: 0 }],
  });
  const check = (limit: number, side = 1000, more: Partial<AnyMethod> = {}) => {
    const subject = { settings: { size: side }, pictures: {} };
    checkMemory(method(more), subject, undefined, planOf(side), limit);
  };

  it('is refused with the largest size that fits, and others are not', () => {
    fc.assert(
      fc.property(fc.integer({ min: 16, max: 4000 }), fc.integer({ min: 16, max: 4000 }), (side, fitting) => {
        if (side <= fitting) {
          expect(() => check(bytesOf(fitting), side)).not.toThrow();
          return;
        }
        const expected = 16 * Math.floor(fitting / 16);
        expect(thrownBy(() => check(bytesOf(fitting), side))).toMatchObject({
          ...{ code: 'E_MEMORY', option: 'size' },
          remedy: `Use the size ${expected}, which fits; or allow ${Math.ceil(bytesOf(side) / 1e6)} MB, close other programs, or use a smaller network.`,
        });
      }),
    );
  });

  it('says how much it takes and how much there is, and at which size', () => {
    expect(thrownBy(() => check(5e8))).toMatchObject({
      message: 'Computing at 1000x1 takes about 1.0 GB of memory, and 0.5 GB are available.',
    });
  });

  it('names the option that has the size in the way that the method has it', () => {
    const sizeOption = (side: number) => ['long', `${side} pixels`] as const;
    expect(thrownBy(() => check(bytesOf(500), 1000, { sizeOption }))).toMatchObject({
      option: 'long',
      remedy: expect.stringMatching(/^Use the long 496 pixels, which fits/) as string,
    });
  });

  it('names no size where none fits, or the method has none', () => {
    for (const run of [() => check(1e6), () => check(5e8, 1000, { resized: () => undefined as never })]) {
      expect(thrownBy(run)).toMatchObject({
        option: undefined,
        remedy: expect.stringMatching(/^No smaller size fits/) as string,
      });
    }
  });

  it('of a texture is named a form that fits, as its option is written', async () => {
    const weights = await readToyWeights();
    const sample = randomPicture(60, 40, 1);
    const options = { size: '640x320', iterations: 40, styleLayers: ['relu2_1'] };
    const plan = (size: string) => planMethod(texture, weights, { sample }, { ...options, size });
    const limit = 0.7 * plan('640x320').memoryBytes;
    const subject = { settings: texture.resolve(options), pictures: { sample } };
    const error = thrownBy(() => checkMemory(texture as AnyMethod, subject, weights, plan('640x320'), limit));
    const [, width, height] = /^Use the size (\d+)x(\d+), which fits/.exec((error as StyleError).remedy)!;
    expect(Number(width)).toBe(2 * Number(height));
    expect(plan(`${width}x${height}`).memoryBytes).toBeLessThanOrEqual(limit);
    expect(plan(`${Number(width) + 16}x${Number(height) + 8}`).memoryBytes).toBeGreaterThan(limit);
  });
});

it('tells how much memory there is, in bytes', () => {
  expect(nodePlatform.availableMemory()).toBeGreaterThan(1e7);
  expect([9.4e6, 1.34e9].map(formatGigabytes)).toEqual(['9 MB', '1.3 GB']);
});
