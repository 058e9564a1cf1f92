import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  checkWeights,
  givenOptions,
  iterations,
  layerList,
  longSides,
  margin,
  parseOptions,
  pooling,
  seed,
  shown,
  side,
  weight,
} from '../../src/methods/options.js';
import { methods } from '../../src/methods/index.js';
import { thrownBy } from './method-runs.js';

const schema = z.strictObject({
  weight: weight.optional(),
  size: side.optional(),
  scales: longSides.optional(),
  steps: iterations.optional(),
  layers: layerList.default(['relu1_1']),
  pooling: pooling.optional(),
  margin: margin.optional(),
  seed,
});
const refused = (options: unknown) =>
  thrownBy(() => parseOptions(schema, options)) as Error & { remedy: string };

/** A default, or that it may be left out, stands around what is described. */
const descriptionOf = (field: z.ZodType): string =>
  field.description ??
  (field instanceof z.ZodDefault || field instanceof z.ZodOptional
    ? descriptionOf(field.unwrap() as z.ZodType)
    : '');

describe('options', () => {
  it('have the defaults of what is left out', () => {
    expect(parseOptions(schema, {})).toEqual({ layers: ['relu1_1'], seed: 0 });
    expect(parseOptions(schema, { weight: undefined, seed: 3 })).toEqual({
      ...{ layers: ['relu1_1'], seed: 3, weight: undefined },
    });
  });

  it.each([
    [{ weight: NaN }, 'weight', 'NaN'],
    [{ weight: Infinity }, 'weight', 'Infinity'],
    [{ weight: -1 }, 'weight', '-1'],
    [{ weight: 1.1e30 }, 'weight', '1.1e+30'],
    [{ weight: '1' }, 'weight', '"1"'],
    [{ weight: null }, 'weight', 'null'],
    [{ size: 0 }, 'size', '0'],
    [{ size: 32769 }, 'size', '32769'],
    [{ size: 12.5 }, 'size', '12.5'],
    [{ size: NaN }, 'size', 'NaN'],
    [{ scales: [] }, 'scales', '[]'],
    [{ scales: [64, -1] }, 'scales.1', '-1'],
    [{ scales: 64 }, 'scales', '64'],
    [{ steps: 0 }, 'steps', '0'],
    [{ steps: [] }, 'steps', '[]'],
    [{ layers: 'relu1_1' }, 'layers', '"relu1_1"'],
    [{ layers: ['relu1_1', ''] }, 'layers.1', '""'],
    [{ pooling: 'median' }, 'pooling', '"median"'],
    [{ margin: 257 }, 'margin', '257'],
    [{ seed: 2 ** 31 }, 'seed', '2147483648'],
    [{ seed: () => 1 }, 'seed', '() => 1'],
    [{ seed: { of: 1 } }, 'seed', '{"of":1}'],
  ])('%o are refused with the option and its value', (options, name, value) => {
    const error = refused(options);
    expect(error).toMatchObject({
      code: 'E_ARGUMENT',
      option: name.split('.')[0],
      message: `The option ${name} can't be ${value}.`,
    });
    expect(error.remedy).toMatch(/^It takes: .+\.$/);
  });

  it('that there are none of are refused by name, the first of them', () => {
    expect(refused({ colour: 'red', shape: 1 })).toMatchObject({
      ...{ code: 'E_ARGUMENT', option: 'colour', message: 'There is no option colour.' },
    });
  });

  it.each([undefined, null, 3, 'size', []])('can not be %j', (options) => {
    const error = refused(options);
    expect(error).toMatchObject({ code: 'E_ARGUMENT', option: undefined });
    expect(error.message).toMatch(/^These options can't be used: /);
  });

  it('take weights from 0 to 1e30, and no others', () => {
    fc.assert(
      fc.property(fc.double(), (value) => {
        const takes = value >= 0 && value <= 1e30;
        if (takes) expect(parseOptions(schema, { weight: value }).weight).toBe(value);
        else expect(refused({ weight: value })).toMatchObject({ option: 'weight' });
      }),
    );
  });

  it('of every method have a name and a description, and are refused by it where they can not be', () => {
    for (const method of methods) {
      for (const option of Object.keys(method.options.shape)) {
        const field = method.options.shape[option] as z.ZodType;
        expect(descriptionOf(field), `${method.name} ${option}`).not.toBe('');
        // Nothing takes this.
        expect(() => method.options.parse({ [option]: Symbol('nothing') })).toThrow();
      }
      const error = thrownBy(() => method.resolve({ noSuchOption: 1 }) as unknown);
      expect(error).toMatchObject({ code: 'E_ARGUMENT', option: 'noSuchOption' });
    }
  });
});

describe('options that are given', () => {
  it('are those that are not undefined', () => {
    expect(givenOptions({ a: 1, b: undefined, c: null, d: 0, e: '' })).toEqual({
      a: 1,
      c: null,
      d: 0,
      e: '',
    });
  });
});

describe('values in messages', () => {
  it('are shown as people write them', () => {
    expect([NaN, -Infinity, 'a "b"', undefined, null, [1], { a: 1 }, true].map(shown)).toEqual([
      ...['NaN', '-Infinity', '"a \\"b\\""', 'undefined', 'null', '[1]', '{"a":1}', 'true'],
    ]);
  });
});

describe('weights', () => {
  it('can not all be 0', () => {
    expect(() => checkWeights({ content: 0, style: 1e-30 })).not.toThrow();
    expect(thrownBy(() => checkWeights({ content: 0, style: 0, smoothness: 0 }))).toMatchObject({
      code: 'E_ARGUMENT',
      remedy: 'Give content or style a value above 0.',
    });
  });
});
