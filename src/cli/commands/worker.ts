import { Command } from 'commander';
import { openWorkers } from '../../service/open-workers.node.js';
import { serviceLog } from '../../service/service-log.node.js';
import { commandDescriptions } from '../command-descriptions.js';
import { flagNames, withFlags } from '../flag-words.js';
import { untilInterrupted } from '../interruption.js';
import {
  addWorkFlags,
  dataFlag,
  filesFlag,
  limitsOfFlags,
  queueFlag,
  stoppingService,
  type ServiceFlags,
} from '../service-flags.js';
import { exitCodes, processTerminal, type Terminal } from '../terminal.js';

/**
 * The command `pastiche worker`: does the jobs of a queue that servers elsewhere accept, until Ctrl-C.
 * @param terminal the process's own unless given
 */
export function workerCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('worker')
    .description(commandDescriptions.worker)
    .addOption(queueFlag().makeOptionMandatory())
    .addOption(dataFlag())
    .addOption(filesFlag());
  return addWorkFlags(command, 'as many as there is room for', 1).action(
    async (flags: ServiceFlags & { readonly queue: string }) => {
      terminal.setExitCode(
        await withFlags(flagNames(['queue', 'data', 'files']), () => work(terminal, flags)),
      );
    },
  );
}

async function work({ stdout }: Terminal, flags: ServiceFlags & { readonly queue: string }): Promise<number> {
  const log = serviceLog(flags.quiet === true ? 'error' : 'info');
  const open = async (): ReturnType<typeof openWorkers> => {
    const { data, queue, files, workers, threads } = flags;
    const workforce = await openWorkers({
      ...{ data, queue, files, workers, threads, log },
      limits: limitsOfFlags(flags),
    });
    stdout.write('Pastiche works\n');
    return workforce;
  };
  await untilInterrupted(open, stoppingService, (text) => log.info(text));
  return exitCodes.success;
}
