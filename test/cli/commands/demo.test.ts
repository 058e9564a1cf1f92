import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commandLine } from '../../../src/cli/command-line.js';
import { demoCommand } from '../../../src/cli/commands/demo.js';
import { flagOf } from '../../../src/cli/flag-names.js';
import { readPictures } from '../../../src/cli/picture-arguments.js';
import { demonstrations } from '../../../src/methods/index.js';

describe('pastiche demo', () => {
  it('has a command for each demonstration', () => {
    const names = demonstrations.map(({ name, group }) => [group, name]);
    expect(names).toEqual(demoCommand().commands.map((command) => ['demo', command.name()]));
  });

  it.each(demonstrations.map((method) => [method.name, method] as const))(
    '%s can do without arguments, and says what it takes',
    (name, method) => {
      const demo = demoCommand();
      new Command('pastiche').addCommand(demo);
      const command = demo.commands.find((one) => one.name() === name)!;
      let help = '';
      command.configureOutput({ writeOut: (part) => void (help += part), getOutHelpWidth: () => 400 });
      command.outputHelp();
      expect(help).toContain(`Usage: pastiche demo ${name} [SAMPLE] [-o OUT] [options]\n`);
      expect(command.options.filter(({ mandatory }) => mandatory)).toEqual([]);
      expect(command.registeredArguments.filter(({ required }) => required)).toEqual([]);
      const flags = command.options.map(({ long }) => long);
      for (const option of Object.keys(method.options.shape)) expect(flags).toContain(flagOf(option));
      const examples = [...help.matchAll(/^ {2}\$ pastiche demo ([\w-]+)/gm)].map(([, first]) => first);
      expect(examples).toEqual(method.examples.map(() => name));
    },
  );

  it('names its files as the command line does', () => {
    const [method] = demonstrations as [(typeof demonstrations)[number]];
    expect(readPictures(method, [], () => undefined)).toEqual({});
    expect(readPictures(method, ['a.jpg'], () => undefined)).toEqual({ sample: 'a.jpg' });
    const request = { pictures: { sample: 'a.jpg' }, output: 'b.html', options: { size: 64 }, threads: 1 };
    expect(commandLine(method, request)).toBe(
      'pastiche demo gram-instability a.jpg -o b.html --size 64 --threads 1',
    );
  });
});
