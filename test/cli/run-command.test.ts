import { describe, expect, it } from 'vitest';
import { knownCommands } from '../../src/cli/commands.js';
import { runCommand } from '../../src/cli/run-command.js';
import { methods } from '../../src/methods/index.js';
import { fakeTerminal } from './fake-terminal.js';

async function ran(...args: string[]) {
  const terminal = fakeTerminal();
  await runCommand(args, terminal);
  return { code: terminal.exitCode() ?? 0, ...terminal.written };
}

describe('the commands that are listed', () => {
  it('are those of all methods in their order, and then the others', () => {
    const names = knownCommands.map(({ name }) => name);
    expect(names.slice(0, methods.length)).toEqual(methods.map(({ name }) => name));
    expect(names.slice(methods.length)).toEqual(['demo', 'train', 'studio', 'models', 'serve', 'worker']);
  });

  it.each(knownCommands.map((command) => [command.name, command] as const))(
    '%s is described in the list as in its own help',
    { timeout: 60_000 },
    async (name, { description, load }) => {
      const command = await load(fakeTerminal());
      expect([command.name(), command.description()]).toEqual([name, description]);
    },
  );
});

describe('a command line', () => {
  it('without a command has the list, and the code of bad input', async () => {
    const [none, help] = [await ran(), await ran('--help')];
    expect(none).toEqual({ code: 2, stdout: '', stderr: help.stdout });
    expect(help).toMatchObject({ code: 0, stderr: '' });
    for (const { name } of knownCommands) expect(help.stdout).toMatch(new RegExp(`^ {2}${name} `, 'm'));
  });

  it('has the help of a command in either order of words', async () => {
    const help = await ran('match-colors', '--help');
    expect(help.stdout).toMatch(/^Usage: pastiche match-colors PICTURE REFERENCE -o OUT/);
    expect(await ran('help', 'match-colors')).toEqual(help);
  });

  it.each([
    [['stylise'], /Unknown command 'stylise'\.\nDid you mean stylize\?/],
    [['--quiet', 'stylize'], /Unknown option '--quiet'\./],
    [['--', 'match-colors'], /'-o, --output <file\|folder>' not specified/],
  ])('of %j is refused', async (args, text) => {
    const { code, stdout, stderr } = await ran(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error \[E_ARGUMENT\]: .*\n.*\.\n$/);
    expect(stderr).toMatch(text);
  });
});
