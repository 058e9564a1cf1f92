import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StyleError } from '../../src/errors.js';
import type { AnyStyleModel } from '../../src/networks/any-style-model.js';
import { fingerprintOf } from '../../src/networks/fingerprint.js';
import {
  blendStyles,
  encodeStyle,
  parseStyle,
  styledModel,
  type PaintingStyle,
} from '../../src/networks/painting-style.js';

const style = (code: readonly number[], rest: Partial<PaintingStyle> = {}): PaintingStyle => ({
  name: 'painting.jpg',
  model: 'toy',
  fingerprint: '01234567',
  code: Float32Array.from(code),
  ...rest,
});
const near = (a: Float32Array, b: Float32Array): boolean =>
  a.length === b.length && a.every((value, i) => Math.abs(value - b[i]!) <= 1e-5 * (1 + Math.abs(b[i]!)));
const bytesOf = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const errorOf = (act: () => unknown): StyleError => {
  try {
    act();
  } catch (error) {
    if (error instanceof StyleError) return error;
    throw error;
  }
  throw new Error('no error');
};

describe('the style of a painting', () => {
  it('is the same after it was written and read', () => {
    const numbers = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }), {
      minLength: 1,
      maxLength: 50,
    });
    fc.assert(
      fc.property(numbers, fc.string(), (code, name) => {
        const before = style(code, { name });
        const after = parseStyle(encodeStyle(before), 'style.json');
        expect({ ...after, code: [] }).toEqual({ ...before, code: [] });
        expect(near(after.code, before.code)).toBe(true);
      }),
    );
  });

  it('is refused where its file is another, cut off, or has something else than numbers', () => {
    const whole = encodeStyle(style([1, 2]));
    const { format } = JSON.parse(new TextDecoder().decode(whole)) as { format: string };
    for (const bytes of [
      whole.subarray(0, whole.length - 10),
      new Uint8Array(0),
      bytesOf([1, 2]),
      bytesOf({ format: 'another', name: 'a', model: 'm', fingerprint: '1', code: [1] }),
      bytesOf({ format, name: 'a', model: 'm', fingerprint: '1', code: [] }),
      bytesOf({ format, name: 'a', model: 'm', fingerprint: '1', code: [1, null] }),
    ]) {
      const { code, message } = errorOf(() => parseStyle(bytes, 'style.json'));
      expect(code).toBe('E_WEIGHTS_FORMAT');
      expect(message).toContain('style.json');
    }
  });

  it('is blended by weights, whatever their sum', () => {
    const [one, two] = [style([1, 0, 4]), style([3, 2, 0], { name: 'other.jpg' })];
    expect(Array.from(blendStyles([one, two], [3, 1]).code)).toEqual([1.5, 0.5, 3]);
    expect(Array.from(blendStyles([one, two]).code)).toEqual([2, 1, 2]);
    expect(blendStyles([one, two], [0, 5])).toMatchObject({
      model: 'toy',
      name: 'painting.jpg and other.jpg',
    });
  });

  it('is not blended by weights without a sense, or with that of another network', () => {
    const one = style([1]);
    for (const weights of [[-1, 2], [0, 0], [1], [NaN, 1], [Infinity, 1]])
      expect(errorOf(() => blendStyles([one, one], weights)).code).toBe('E_ARGUMENT');
    expect(errorOf(() => blendStyles([])).code).toBe('E_ARGUMENT');
    expect(errorOf(() => blendStyles([one, style([1], { fingerprint: 'f' })])).message).toMatch(
      /another version/,
    );
    const foreign = style([1], { fingerprint: 'f', model: 'magenta' });
    expect(errorOf(() => blendStyles([one, foreign])).message).toMatch(/one of magenta/);
  });

  it('goes with its network only', () => {
    const model = { name: 'toy', fingerprint: () => '01234567', codeLength: 2 } as AnyStyleModel;
    expect(styledModel(style([1, 2]), model).model).toBe(model);
    for (const other of [
      { ...model, fingerprint: () => '7' },
      { ...model, codeLength: 3 },
    ])
      expect(errorOf(() => styledModel(style([1, 2]), other)).code).toBe('E_WEIGHTS_CONTENT');
  });
});

describe('a fingerprint', () => {
  it('is FNV-1a in 32 bits', () => {
    // The published values of the empty text and of "foobar".
    expect(fingerprintOf([])).toBe('811c9dc5');
    expect(fingerprintOf([new TextEncoder().encode('foo'), new TextEncoder().encode('bar')])).toBe(
      'bf9cf968',
    );
  });

  it('is another for another number', () => {
    fc.assert(
      fc.property(fc.float32Array({ minLength: 1, noNaN: true }), fc.nat(), (values, at) => {
        const changed = values.slice();
        changed[at % values.length]! += 1;
        fc.pre(changed[at % values.length] !== values[at % values.length]);
        expect(fingerprintOf([changed])).not.toBe(fingerprintOf([values]));
      }),
    );
  });
});
