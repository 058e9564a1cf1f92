#!/usr/bin/env node
import { Command } from 'commander';
import { packageVersion } from '../version.node.js';
import { reportFailure } from './failure.js';
import { processTerminal } from './terminal.js';

/** The commands, loaded only when they are asked for: what one needs would slow the others down. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  stylize: async () => (await import('./commands/stylize.js')).stylizeCommand(),
  evaluate: async () => (await import('./commands/evaluate.js')).evaluateCommand(),
  'match-colors': async () => (await import('./commands/match-colors.js')).matchColorsCommand(),
  demo: async () => (await import('./commands/demo.js')).demoCommand(),
  match: async () => (await import('./commands/match.js')).matchCommand(),
  train: async () => (await import('./commands/train.js')).trainCommand(),
  texture: async () => (await import('./commands/texture.js')).textureCommand(),
  harmonize: async () => (await import('./commands/harmonize.js')).harmonizeCommand(),
  reconstruct: async () => (await import('./commands/reconstruct.js')).reconstructCommand(),
  models: async () => (await import('./commands/models.js')).modelsCommand(),
};

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
  const asked = commands[args[0] ?? ''];
  const loaded = asked === undefined ? Object.values(commands) : [asked];
  for (const load of loaded) program.addCommand(await load());
  quieten(program);
  try {
    await program.parseAsync(args, { from: 'user' });
  } catch (error) {
    process.exitCode = reportFailure(error, args.includes('--json'), processTerminal);
  }
}

// A reader that has seen enough, such as head, closes the pipe: nothing is wrong then.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
await run(process.argv.slice(2));
