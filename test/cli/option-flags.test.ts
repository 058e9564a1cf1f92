import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { givenOptions, optionFlags } from '../../src/cli/option-flags.js';

const schema = z.strictObject({
  learningRate: z.number().positive().describe('length of a step').default(0.5),
  padding: z.enum(['zero', 'reflect']).describe('what is outside').default('zero'),
  widths: z.array(z.int().min(8)).describe('channels').optional(),
  flip: z.boolean().describe('mirror half of them').optional(),
  seed: z.int().min(0).describe('seed').default(0),
});
const parse = (...args: string[]): Record<string, unknown> =>
  optionFlags(schema)
    .reduce((command, flag) => command.addOption(flag), new Command().exitOverride())
    .parse(args, { from: 'user' })
    .opts();

describe('flags of a schema', () => {
  it('have its names, kinds of values, descriptions and defaults', () => {
    expect(optionFlags(schema).map(({ flags, description }) => [flags, description])).toEqual([
      ['--learning-rate <number>', 'length of a step (default: 0.5)'],
      ['--padding <name>', 'what is outside: zero, reflect (default: zero)'],
      ['--widths <A,B>', 'channels'],
      ['--flip [on|off]', 'mirror half of them'],
      ['--seed <N>', 'seed (default: 0)'],
    ]);
  });

  it('read values, and leave defaults to the schema', () => {
    expect(parse()).toEqual({});
    expect(
      parse('--learning-rate', '1e-3', '--widths', '8, 16', '--flip', 'off', '--padding', 'reflect'),
    ).toEqual({
      ...{ learningRate: 0.001, widths: [8, 16], flip: false, padding: 'reflect' },
    });
  });

  it('are on where one that is on or off is given alone', () => {
    expect(parse('--flip')).toEqual({ flip: true });
    expect(parse('--flip', '--seed', '3')).toEqual({ flip: true, seed: 3 });
  });

  it.each([
    [['--flip', 'picture.jpg'], /--flip can't be "picture\.jpg"/, /on or off/],
    [['--learning-rate', '0'], /--learning-rate can't be "0"/, /above 0/],
    [['--padding', 'none'], /--padding can't be "none"/, /zero, reflect/],
    [['--widths', '8,4'], /--widths can't be "8,4"/, /8 or more/],
    [['--seed', '1.5'], /--seed can't be "1\.5"/, /whole number/],
  ] as const)('refuse %j', (args, message, remedy) => {
    expect(() => parse(...args)).toThrow(
      expect.objectContaining({
        code: 'E_ARGUMENT',
        message: expect.stringMatching(message) as string,
        remedy: expect.stringMatching(remedy) as string,
      }),
    );
  });
});

describe('what was given', () => {
  it('is of the schema and nothing else', () => {
    const flags = { seed: 0, flip: false, padding: undefined, output: 'out.png' };
    expect(givenOptions(schema, flags)).toEqual({ seed: 0, flip: false });
  });
});
