import { once } from 'node:events';
import { Command } from 'commander';
import { openWorkers } from '../../service/open-workers.node.js';
import { serviceLog } from '../../service/service-log.node.js';
import { commandDescriptions } from '../command-descriptions.js';
import { flagNames, withFlags } from '../flag-words.js';
import { withInterruption } from '../interruption.js';
import {
  addWorkFlags,
  dataFlag,
  filesFlag,
  limitsOfFlags,
  queueFlag,
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
  const display = { say: (text: string) => log.info(text), stop: () => undefined };
  return withInterruption(display, 'stopping: running jobs save where they stand', async ({ signal }) => {
    const { data, queue, files, workers, threads } = flags;
    const workforce = await openWorkers({
      ...{ data, queue, files, workers, threads, log },
      limits: limitsOfFlags(flags),
    });
    stdout.write('Pastiche works\n');
    if (!signal.aborted) await once(signal, 'abort');
    await workforce.close();
    return exitCodes.success;
  });
}
