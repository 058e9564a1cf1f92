import { Command } from 'commander';
import { packageVersion } from '../version.node.js';
import { knownCommands } from './commands.js';
import { reportFailure } from './failure.js';
import type { Terminal } from './terminal.js';

/**
 * Does what a command line asks for, and says on the terminal what comes out, or what is wrong with it. Only the command that is
 * asked for is loaded; of the others, names and descriptions are enough.
 * @param args what stands after the program's name
 */
export async function runCommand(args: readonly string[], terminal: Terminal): Promise<void> {
  const [first, second] = args.filter((arg) => !arg.startsWith('-'));
  const asked = first === 'help' ? second : first;
  const program = new Command('pastiche')
    .description('Neural style transfer: repaint photographs after paintings.')
    .version(packageVersion)
    .showSuggestionAfterError();
  for (const { name, description, load } of knownCommands)
    program.addCommand(name === asked ? await load(terminal) : new Command(name).description(description));
  direct(program, terminal);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    terminal.setExitCode(reportFailure(error, args.includes('--json'), terminal));
  }
}

/** Help goes to the terminal; errors are thrown, and shown in one way by {@link reportFailure}. */
function direct(command: Command, terminal: Terminal): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void terminal.stdout.write(text),
    writeErr: (text) => void terminal.stderr.write(text),
    outputError: () => undefined,
  });
  for (const subcommand of command.commands) direct(subcommand, terminal);
}
