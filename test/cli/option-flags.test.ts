import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { givenOptions, methodFlags, optionFlags } from '../../src/cli/option-flags.js';
import { methods } from '../../src/methods/index.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';

const schema = z.strictObject({
  learningRate: z.number().positive().describe('length of a step').default(0.5),
  padding: z.enum(['zero', 'reflect']).describe('what is outside').default('zero'),
  widths: z.array(z.int().min(8)).describe('channels').optional(),
  flip: z.boolean().describe('mirror half of them').optional(),
  seed: z.int().min(0).describe('seed').default(0),
});
const parse = (...args: string[]): Record<string, unknown> =>
  [...optionFlags(schema).values()]
    .reduce((command, flag) => command.addOption(flag), new Command().exitOverride())
    .parse(args, { from: 'user' })
    .opts();

describe('flags of a schema', () => {
  it('have its names, kinds of values, descriptions and defaults', () => {
    const flags = optionFlags(schema);
    expect([...flags.keys()]).toEqual(Object.keys(schema.shape));
    expect([...flags.values()].map((flag) => [flag.flags, flag.description])).toEqual([
      ['--learning-rate <number>', 'length of a step (default: 0.5)'],
      ['--padding <name>', 'what is outside: zero, reflect (default: zero)'],
      ['--widths <A,B>', 'channels'],
      ['--flip [on|off]', 'mirror half of them'],
      ['--seed <N>', 'seed (default: 0)'],
    ]);
  });

  it('say a default in words where the schema has none', () => {
    const flag = optionFlags(schema, { widths: '64,128' }).get('widths')!;
    expect(flag.description).toBe('channels (default: 64,128)');
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

describe('the flags of a method', () => {
  it.each(methods.map((method) => [method.name, method] as const))(
    'are those of the options of %s, each once, under their headings in order',
    (_, method) => {
      const flags = methodFlags(method);
      const names = Object.keys(method.options.shape);
      expect(flags.map((flag) => flag.attributeName()).sort()).toEqual([...names].sort());
      const grouped = Object.entries(method.groups ?? {});
      const headed = flags.filter(({ helpGroupHeading }) => helpGroupHeading !== undefined);
      expect(headed.map((flag) => [flag.helpGroupHeading, flag.attributeName()])).toEqual(
        grouped.flatMap(([heading, options]) => options.map((option) => [heading, option])),
      );
    },
  );

  it('take a picture or a name where a picture may stand for the option, and keep all of them', () => {
    const flag = methodFlags(stylize).find(({ long }) => long === '--init')!;
    expect(flag.flags).toBe('--init <name|file>');
    expect(flag.description).toMatch(
      /: content, noise, style, grey, or a picture file \(default: content\)$/,
    );
    const command = new Command().exitOverride().addOption(flag);
    const args = ['--init', 'noise', '--init', 'start.png'];
    expect(command.parse(args, { from: 'user' }).opts()).toEqual({ init: ['noise', 'start.png'] });
  });
});

describe('what was given', () => {
  it('is of the schema and nothing else', () => {
    const flags = { seed: 0, flip: false, padding: undefined, output: 'out.png' };
    expect(givenOptions(schema, flags)).toEqual({ seed: 0, flip: false });
  });
});
