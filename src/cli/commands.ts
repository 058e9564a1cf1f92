import type { Command } from 'commander';
import { methodDescriptions } from '../methods/descriptions.js';
import { commandDescriptions } from './command-descriptions.js';
import type { Terminal } from './terminal.js';

/** A command as a list of commands has it, and what makes all of it. */
export interface KnownCommand {
  readonly name: string;
  readonly description: string;
  /** Loads what it works with, which takes long beside telling its name. */
  readonly load: (terminal: Terminal) => Promise<Command>;
}

const loaders: Readonly<Record<keyof typeof commandDescriptions, KnownCommand['load']>> = {
  demo: async (terminal) => (await import('./commands/demo.js')).demoCommand(terminal),
  train: async (terminal) => (await import('./commands/train.js')).trainCommand(terminal),
  studio: async (terminal) => (await import('./commands/studio.js')).studioCommand(terminal),
  models: async (terminal) => (await import('./commands/models.js')).modelsCommand(terminal),
  serve: async (terminal) => (await import('./commands/serve.js')).serveCommand(terminal),
  worker: async (terminal) => (await import('./commands/worker.js')).workerCommand(terminal),
};

async function loadMethod(name: string, terminal: Terminal): Promise<Command> {
  const { methods } = await import('../methods/index.js');
  const { methodCommand } = await import('./method-command.js');
  return methodCommand(
    methods.find((method) => method.name === name)!,
    terminal,
  );
}

/** Every command: those of the methods, then the others. */
export const knownCommands: readonly KnownCommand[] = [
  ...Object.entries(methodDescriptions).map(([name, description]) => ({
    ...{ name, description },
    load: (terminal: Terminal) => loadMethod(name, terminal),
  })),
  ...Object.entries(loaders).map(([name, load]) => ({
    ...{ name, load },
    description: commandDescriptions[name as keyof typeof commandDescriptions],
  })),
];
