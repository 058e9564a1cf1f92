import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { describeValue, parseValue, placeholder, wholeNumber } from '../../src/cli/option-values.js';
import { valueSchemas, type ValueSchema } from '../../src/methods/option-text.js';

const types = z.strictObject({
  whole: z.int().min(1).max(9),
  number: z.number().nonnegative(),
  positive: z.number().positive().max(16),
  name: z.enum(['one', 'two']),
  flag: z.boolean(),
  list: z.array(z.number().nonnegative()).min(1),
  texts: z.array(z.string().min(1)).min(1),
  either: z.union([z.int().min(1), z.array(z.int().min(0)).min(1)]),
  form: z
    .string()
    .regex(/^\d+x\d+$/, 'two numbers with an x between')
    .meta({ placeholder: 'WxH' }),
});
const schemas = valueSchemas(types);
const parse = (name: keyof typeof types.shape, text: string) =>
  parseValue(`--${name}`, schemas[name]!, types.shape[name], text);

describe('an option’s value', () => {
  it('is read from text by its schema', () => {
    expect(parse('whole', '7')).toBe(7);
    expect(parse('number', '1e-3')).toBe(0.001);
    expect(parse('number', '.5')).toBe(0.5);
    expect(parse('name', 'two')).toBe('two');
    expect([parse('flag', 'on'), parse('flag', 'off')]).toEqual([true, false]);
    expect(parse('list', '3, 1.5')).toEqual([3, 1.5]);
    expect(parse('texts', 'relu1_1:0.5,conv2_1')).toEqual(['relu1_1:0.5', 'conv2_1']);
    expect([parse('either', '40'), parse('either', '40,0')]).toEqual([40, [40, 0]]);
  });

  it('is every number as JavaScript writes it', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, noDefaultInfinity: true, noNaN: true }), (value) => {
        expect(parse('number', String(value))).toBe(value);
      }),
    );
  });

  it.each([
    ['whole', ['0', '10', '-1', '1.5', 'one', '', ' ', '0x5', '1_0', '5px', 'NaN']],
    ['number', ['-0.1', 'NaN', 'Infinity', '1,5', '1e', '--1', '1e999']],
    ['positive', ['0', '17']],
    ['name', ['three', 'One', '']],
    ['flag', ['true', '1', 'ON']],
    ['list', ['', '1,', ',1', '1;2', '1,-2']],
    ['texts', ['', 'a,,b']],
    ['either', ['0', '1.5', '2,-1', 'x']],
  ] as const)('of kind %s is refused with flag and value', (name, texts) => {
    for (const text of texts) {
      expect(() => parse(name, text)).toThrowError(
        expect.objectContaining({
          code: 'E_ARGUMENT',
          message: `--${name} can't be ${JSON.stringify(text)}.`,
          remedy: `It takes ${describeValue(schemas[name]!)}.`,
        }) as Error,
      );
    }
  });

  it('of a certain form is refused with what the form is', () => {
    expect(parse('form', '3x4')).toBe('3x4');
    expect(() => parse('form', '3')).toThrowError(
      expect.objectContaining({
        message: '--form can\'t be "3".',
        remedy: 'It takes two numbers with an x between.',
      }) as Error,
    );
  });

  it('is refused with a limit that nobody asks for where it is passed', () => {
    const weights = z.array(z.number().nonnegative().max(1e30));
    const schema = z.toJSONSchema(weights) as ValueSchema;
    const refusal = (text: string): string => {
      try {
        return String(parseValue('--blend', schema, weights, text));
      } catch (error) {
        return (error as { remedy: string }).remedy;
      }
    };
    expect(refusal('1,1e30')).toBe('1,1e+30');
    expect(refusal('1,-1')).toBe('It takes a list with commas between, each a number, 0 or more.');
    expect(refusal('1,1e308')).toBe('It takes a list with commas between, each a number from 0 to 1e+30.');
  });

  it('is described in words, and shown in short', () => {
    const words = Object.entries(schemas).map(([name, schema]) => [
      name,
      placeholder(schema),
      describeValue(schema),
    ]);
    expect(words).toEqual([
      ['whole', '<N>', 'a whole number from 1 to 9'],
      ['number', '<number>', 'a number, 0 or more'],
      ['positive', '<number>', 'a number above 0 and up to 16'],
      ['name', '<name>', 'one of one, two'],
      ['flag', '[on|off]', 'on or off'],
      ['list', '<A,B>', 'a list with commas between, each a number, 0 or more'],
      ['texts', '<A,B>', 'a list with commas between, each a text that is not empty'],
      [
        'either',
        '<N|A,B>',
        'a whole number, 1 or more, or a list with commas between, each a whole number, 0 or more',
      ],
      ['form', '<WxH>', 'a text that is not empty'],
    ]);
  });

  it('may be a whole number of a flag of the command line’s own', () => {
    const option = wholeNumber('--threads', 'threads', 1, 8);
    expect(option.flags).toBe('--threads <N>');
    expect(option.parseArg!('3', undefined)).toBe(3);
    expect(() => option.parseArg!('9', undefined)).toThrowError(`--threads can't be "9".`);
  });
});
