import { Command } from 'commander';
import { demonstrations } from '../../methods/index.js';
import { commandDescriptions } from '../command-descriptions.js';
import { methodCommand } from '../method-command.js';
import type { Terminal } from '../terminal.js';

/**
 * The command `pastiche demo`, with a subcommand for each demonstration.
 * @param terminal the process's unless given
 */
export function demoCommand(terminal?: Terminal): Command {
  const command = new Command('demo').description(commandDescriptions.demo);
  for (const method of demonstrations) command.addCommand(methodCommand(method, terminal));
  return command;
}
