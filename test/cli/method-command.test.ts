import { Help } from 'commander';
import { describe, expect, it } from 'vitest';
import { flagOf } from '../../src/cli/flag-names.js';
import { methodCommand } from '../../src/cli/method-command.js';
import { methods } from '../../src/methods/index.js';
import { resolveStylizeSettings, stylizeOptionsSchema } from '../../src/methods/stylize/options.js';
import { stylizePresets } from '../../src/methods/stylize/presets.js';
import { stylize } from '../../src/methods/stylize/stylize-method.js';

const command = () => methodCommand(stylize).exitOverride();
const byName = new Map(command().options.map((flag) => [flag.long!, flag]));

/** The help as it is printed, wide enough that no line is broken. */
function helpOf(name: string): string {
  let text = '';
  const printing = methodCommand(methods.find((method) => method.name === name)!).configureOutput({
    writeOut: (part) => void (text += part),
    getOutHelpWidth: () => 400,
  });
  printing.outputHelp();
  return text;
}

describe('the command of a method', () => {
  it.each(methods.map((method) => [method.name, method] as const))(
    '%s has a flag for every option, each with a description, and no flag twice',
    (_, method) => {
      const { options } = methodCommand(method);
      const flags = options.map(({ long }) => long);
      for (const name of Object.keys(method.options.shape)) expect(flags).toContain(flagOf(name));
      expect(new Set(flags).size).toBe(flags.length);
      for (const { long, description } of options) expect(description.length, long!).toBeGreaterThan(13);
    },
  );

  it.each(methods.map((method) => [method.name, method] as const))(
    '%s has headings for its files and its machine, examples that it takes, and what else it says',
    (name, method) => {
      const help = helpOf(name);
      for (const heading of ['Files:', 'Machine and output:', ...Object.keys(method.groups ?? {})]) {
        expect(help).toContain(`\n${heading}\n`);
      }
      const examples = [...help.matchAll(/^ {2}\$ pastiche ([\w-]+) (.*)$/gm)];
      expect(examples.map(([, first]) => first)).toEqual(method.examples.map(() => name));
      for (const [, , line] of examples) {
        const one = methodCommand(method).exitOverride();
        expect(one.parseOptions(line!.split(' ')).unknown).toEqual([]);
        // What has to be given is.
        for (const option of one.options) {
          if (option.mandatory) expect(one.opts()).toHaveProperty(option.attributeName());
        }
      }
      if (method.notes !== undefined) expect(help).toContain(method.notes);
      expect(help).toMatch(/Exit codes: 0 done[^]*130 Ctrl-C, 129 SIGHUP, 143 SIGTERM/);
    },
  );

  it('hands values to the method under the names of its options', () => {
    const given = {
      size: 300,
      tvWeight: 0.25,
      scales: [64, 300],
      iterations: [5, 4],
      normalize: false,
      seed: 9,
    };
    const args = Object.entries(given).flatMap(([name, value]) => [
      flagOf(name),
      typeof value === 'boolean' ? 'off' : String(value),
    ]);
    const parsing = command();
    expect(parsing.parseOptions(args)).toEqual({ operands: [], unknown: [] });
    expect(parsing.opts()).toEqual(given);
  });

  it('states the defaults that the method uses', () => {
    const settings = resolveStylizeSettings({});
    const standard = (flag: string): string | undefined =>
      / \(default: (.*)\)$/.exec(byName.get(flag)!.description)?.[1];
    expect(standard('--content-weight')).toBe(String(settings.contentWeight));
    expect(standard('--style-weight')).toBe(String(settings.styleWeight));
    expect(standard('--tv-weight')).toBe(String(settings.tvWeight));
    expect(standard('--scales')).toBe(settings.scales.join(','));
    expect(standard('--iterations')).toBe(settings.iterations.join(','));
    expect(standard('--optimizer')).toBe(settings.optimizer.name);
    expect(standard('--pooling')).toBe(settings.pooling);
    expect(standard('--gram')).toBe(settings.gram);
    expect(standard('--normalize')).toBe('on');
    expect(standard('--projection')).toBe('on');
    expect(standard('--style-layers')).toBe(Object.keys(settings.styleLayers).join(','));
    expect(standard('--init')).toBe(settings.init);
    expect(standard('--seed')).toBe('0');
    expect(standard('--size')).toBeUndefined();
    expect(standard('--method')).toBe('gram');
    expect(Object.keys(stylizeOptionsSchema.shape)).toContain('tvWeight');
  });

  it('lists the presets with their sources and networks', () => {
    const help = helpOf('stylize');
    for (const [name, { source, network }] of Object.entries(stylizePresets)) {
      const line = new RegExp(`^  ${name} .*$`, 'm').exec(help)?.[0];
      expect(line).toContain(source);
      expect(line).toContain(`Network: ${name === 'default' ? 'the first installed' : network}.`);
    }
    expect(byName.get('--network')!.description).toContain("(default: the preset's)");
  });

  it('says what a text has to look like', () => {
    const texture = methodCommand(methods.find(({ name }) => name === 'texture')!);
    expect(texture.options.map(({ flags }) => flags)).toContain('--size <WxH>');
  });

  it('has its pictures as arguments, and those that are not by their places as flags', () => {
    const usage = (name: string): string =>
      new Help().commandUsage(methodCommand(methods.find((method) => method.name === name)!));
    expect(usage('stylize')).toBe('stylize CONTENT STYLE... -o OUT [options]');
    expect(usage('texture')).toBe('texture SAMPLE -o OUT [options]');
    expect(usage('match')).toBe('match PICTURE REFERENCE -o OUT [options]');
    expect(usage('evaluate')).toBe('evaluate PICTURE [options]');
    expect(byName.get('--style')!.flags).toBe('--style <file>');
    expect(byName.get('--style-mask')!.flags).toBe('--style-mask <file|colour>');
    expect([...byName.keys()]).toEqual(expect.arrayContaining(['--mask', '--content-mask']));
    expect(byName.has('--content')).toBe(false);
    expect(byName.has('--initial')).toBe(false);
  });
});
