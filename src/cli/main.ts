#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion } from '../version.node.js';
import { reportFailure } from './failure.js';
import { processTerminal, watchStreams } from './terminal.js';

/** Commands beside those of the methods, loaded only when they are asked for: what one needs would slow the others down. */
const otherCommands: Readonly<Record<string, () => Promise<Command>>> = {
  demo: async () => (await import('./commands/demo.js')).demoCommand(),
  train: async () => (await import('./commands/train.js')).trainCommand(),
  studio: async () => (await import('./commands/studio.js')).studioCommand(),
  models: async () => (await import('./commands/models.js')).modelsCommand(),
  serve: async () => (await import('./commands/serve.js')).serveCommand(),
  worker: async () => (await import('./commands/worker.js')).workerCommand(),
};

/** The commands that a name may stand for: its own, or all where there is none of that name. */
async function commandsFor(name: string | undefined): Promise<Command[]> {
  const other = otherCommands[name ?? ''];
  if (other !== undefined) return [await other()];
  const { methods } = await import('../methods/index.js');
  const { methodCommand } = await import('./method-command.js');
  const asked = methods.filter((method) => method.name === name);
  if (asked.length > 0) return asked.map((method) => methodCommand(method));
  const others = await Promise.all(Object.values(otherCommands).map((load) => load()));
  return [...methods.map((method) => methodCommand(method)), ...others];
}

/** Errors are thrown, and shown in one way by {@link reportFailure}. */
function quieten(command: Command): void {
  command.exitOverride().configureOutput({ outputError: () => undefined });
  command.commands.forEach(quieten);
}

async function run(args: readonly string[]): Promise<void> {
  const program = new Command('pastiche')
    .description('Neural style transfer: repaint photographs after paintings.')
    .version(packageVersion)
    .showSuggestionAfterError();
  for (const command of await commandsFor(args[0])) program.addCommand(command);
  quieten(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportFailure(error, args.includes('--json'), processTerminal);
  }
}

watchStreams();
await run(process.argv.slice(2));
