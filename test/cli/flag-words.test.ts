import { describe, expect, it } from 'vitest';
import { flagOf } from '../../src/cli/flag-names.js';
import { inFlags, inWords, methodFlagNames, withFlags } from '../../src/cli/flag-words.js';
import { methodCommand } from '../../src/cli/method-command.js';
import { StyleError } from '../../src/errors.js';
import { methods } from '../../src/methods/index.js';
import type { AnyMethod } from '../../src/methods/method.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';

const names = methodFlagNames(stylize);
const options = methods.flatMap((method) =>
  Object.keys(method.options.shape).map((option) => [method.name, option, method] as const),
);

/** What is left of a text when what stands in quotation marks is taken out. */
const unquoted = (text: string): string => text.replace(/"[^"]*"/g, '""');

/** Everything that a method calls its options and pictures and that is no word of English. */
const camelCase = (method: AnyMethod): string[] =>
  [...methodFlagNames(method).keys()].filter((name) => /[A-Z]/.test(name));

/** Values that few options take. */
const odd: unknown[] = [-1, 0.5, 'no such value', [], [-1], ['']];

describe('an error in the words of a command', () => {
  it.each(options)('%s shows the flag of the option %s', (_, option, method) => {
    const flag = flagOf(option);
    const own = methodFlagNames(method);
    for (const [message, remedy] of [
      [`The option ${option} can't be -5.`, 'It takes: a number.'],
      [`There is no option ${option}.`, 'Leave it out, or see the options in the documentation.'],
      ['Something about it.', `Leave ${option} out.`],
      ['That is all there is.', 'Try another one.'],
    ] as const) {
      const told = inFlags(new StyleError('E_ARGUMENT', message, remedy, { option }), own);
      const text = `${told.message} ${told.remedy}`;
      expect(text.split(/[^\w-]+/)).toContain(flag);
      expect(text).not.toMatch(new RegExp(`option ${option}\\b`));
      expect(told.remedy).toMatch(/\.$/);
    }
  });

  it.each(options)('%s shows it in what the method itself says of values of %s', (_, option, method) => {
    const own = methodFlagNames(method);
    let refused = 0;
    for (const value of odd) {
      let thrown: unknown;
      try {
        method.resolve({ [option]: value });
      } catch (error) {
        thrown = error;
      }
      if (thrown === undefined) continue;
      refused += 1;
      const { message, remedy } = inFlags(thrown as StyleError, own);
      expect(`${message} ${remedy}`.split(/[^\w-]+/)).toContain(flagOf(option));
      for (const name of camelCase(method))
        expect(unquoted(message + remedy)).not.toMatch(new RegExp(`\\b${name}\\b`));
    }
    expect(refused).toBeGreaterThan(0);
  });

  it.each(methods.map((method) => [method.name, method] as const))(
    '%s names no flag that it does not have',
    (_, method) => {
      const flags = methodCommand(method).options.map(({ long }) => long);
      for (const [name, flag] of methodFlagNames(method)) {
        if (name === 'output') expect(flag).toBe('-o');
        // What every stylisation can be asked for, such as a state to resume, others don't have.
        else if (
          Object.hasOwn(method.options.shape, name) ||
          method.roles.some((role) => role.name === name)
        ) {
          expect(flags, name).toContain(flag);
        }
      }
    },
  );

  it('has every option that it names as a flag', () => {
    expect(inWords('styleSize and styleScale both say how large the painting is.', names)).toBe(
      '--style-size and --style-scale both say how large the painting is.',
    );
    expect(inWords('With method patches there is no option gram.', names)).toBe(
      'With --method patches there is no --gram.',
    );
    expect(
      inWords('Leave it out, or leave method patches out, which takes size, scales, styleWeight.', names),
    ).toBe('Leave it out, or leave --method patches out, which takes --size, --scales, --style-weight.');
    expect(inWords('Give contentWeight or styleWeight a value above 0.', names)).toBe(
      'Give --content-weight or --style-weight a value above 0.',
    );
    expect(inWords('Make it smaller first, or raise the limit (maxPixels).', names)).toBe(
      'Make it smaller first, or raise the limit (--max-pixels).',
    );
    expect(inWords('The option scales.1 can\'t be "x".', names)).toBe('--scales can\'t be "x".');
    expect(inWords('The layer relu1_1 is named twice in styleLayers.', names)).toBe(
      'The layer relu1_1 is named twice in --style-layers.',
    );
    expect(inWords('Use the size 512, which fits.', names, 'size')).toBe('Use --size 512, which fits.');
  });

  it('leaves words of English as they are, and what is quoted', () => {
    for (const text of [
      'Use a larger size, or layers of lower blocks; the size 512 would do.',
      'There is no file "styleSize.png".',
      'With a mask, with scales of its own, leave the rest.',
      'The mask is 50x60, and its picture 40x30: their proportions differ.',
    ]) {
      expect(inWords(text, names)).toBe(text);
    }
  });

  it('has commands for functions', () => {
    expect(inWords('Get them; pullModel("vgg19") downloads one.', names)).toBe(
      'Get them; npx pastiche models pull vgg19 downloads one.',
    );
    expect(inWords('pullModel("vgg19") downloads it.', names)).toBe(
      'The command npx pastiche models pull vgg19 downloads it.',
    );
  });

  it('does not name the flag twice, nor one that only begins like it', () => {
    const error = (remedy: string, option: string) => new StyleError('E_ARGUMENT', 'No.', remedy, { option });
    expect(inFlags(error('Leave styleSize out.', 'styleSize'), names).remedy).toBe('Leave --style-size out.');
    expect(inFlags(error('Leave styleSize out.', 'styles'), names).remedy).toBe(
      'Leave --style-size out (--style).',
    );
  });

  it('says nothing of flags where the option is no flag of the command', () => {
    const error = new StyleError('E_ARGUMENT', 'No picture is named.', 'Name one.', { option: 'content' });
    expect(inFlags(error, names)).toMatchObject({ message: error.message, remedy: error.remedy });
  });

  it('keeps what it comes from', async () => {
    const cause = new Error('deeper');
    const error = new StyleError('E_OUTPUT', 'No.', 'Yes.', { cause, option: 'trace' });
    const told = await withFlags(names, () => Promise.reject(error)).catch((thrown: unknown) => thrown);
    expect(told).toMatchObject({ code: 'E_OUTPUT', remedy: 'Yes (--trace).', cause, stack: error.stack });
    expect(told).toBeInstanceOf(StyleError);
    const other = new TypeError('x');
    await expect(withFlags(names, () => Promise.reject(other))).rejects.toBe(other);
    await expect(withFlags(names, () => 3)).resolves.toBe(3);
  });
});
