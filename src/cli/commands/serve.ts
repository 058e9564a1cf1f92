import { Command, Option } from 'commander';
import { ApiKeys } from '../../service/api-keys.node.js';
import { keysFolder, openService, type RunningService } from '../../service/open-service.node.js';
import { defaultLimits } from '../../service/service-limits.js';
import { serviceLog } from '../../service/service-log.node.js';
import { studioPages } from '../../service/studio-pages.node.js';
import { commandDescriptions } from '../command-descriptions.js';
import { flagNames, withFlags } from '../flag-words.js';
import { untilInterrupted } from '../interruption.js';
import { collect, wholeNumber } from '../option-values.js';
import {
  addWorkFlags,
  dataFlag,
  filesFlag,
  limitsOfFlags,
  megabytes,
  queueFlag,
  stoppingService,
  type ServiceFlags,
} from '../service-flags.js';
import { exitCodes, processTerminal, type Terminal } from '../terminal.js';
import { textTable } from '../text.js';

interface ServeFlags extends ServiceFlags {
  readonly port?: number;
  readonly host?: string;
  readonly maxUpload?: number;
  readonly maxQueue?: number;
  readonly partPixels?: number;
  readonly maxRequests?: number;
  readonly allowOrigin?: readonly string[];
}

/**
 * The command `pastiche serve`: the HTTP service, and the keys of its users. The address goes to stdout, the log to stderr.
 * @param terminal the process's own unless given
 */
export function serveCommand(terminal: Terminal = processTerminal): Command {
  const { uploadBytes, queue, partPixels, requestsPerMinute } = defaultLimits;
  const command = new Command('serve')
    .description(commandDescriptions.serve)
    .addOption(
      wholeNumber('--port', 'the port to listen on; 0 for any that is free (default: 8080)', 0, 65_535),
    )
    .option(
      '--host <address>',
      'the address to listen on; any but this machine needs keys (default: 127.0.0.1)',
    )
    .addOption(dataFlag())
    .addOption(queueFlag())
    .addOption(filesFlag());
  addWorkFlags(command, '1; with a queue 0', 0)
    .addOption(
      wholeNumber('--max-upload <megabytes>', `a request's pictures (default: ${uploadBytes / 1e6})`, 1),
    )
    .addOption(wholeNumber('--max-queue', `jobs that may wait (default: ${queue})`, 1))
    .addOption(
      wholeNumber(
        '--part-pixels',
        `pixels of the parts that several workers do of one picture (default: ${partPixels})`,
        1,
      ),
    )
    .addOption(
      wholeNumber('--max-requests', `requests a minute of one user (default: ${requestsPerMinute})`, 1),
    )
    .addOption(
      new Option(
        '--allow-origin <origin>',
        'a site whose pages may use the service; may be given again',
      ).argParser(collect),
    )
    .action(async (flags: ServeFlags) => {
      terminal.setExitCode(await withFlags(serveFlagNames, () => serve(terminal, flags)));
    });
  return command.addCommand(keysCommand(terminal));
}

const serveFlagNames = flagNames(['port', 'host', 'data', 'queue', 'files', 'workers']);

async function serve({ stdout }: Terminal, flags: ServeFlags): Promise<number> {
  const log = serviceLog(flags.quiet === true ? 'error' : 'info');
  const open = async (): Promise<RunningService> => {
    const service = await openService({
      ...{ data: flags.data, queue: flags.queue, files: flags.files, port: flags.port, host: flags.host },
      ...{ workers: flags.workers, threads: flags.threads },
      ...{ origins: flags.allowOrigin, pages: studioPages, log },
      limits: limitsOfFlags(flags, {
        uploadBytes: megabytes(flags.maxUpload),
        queue: flags.maxQueue,
        partPixels: flags.partPixels,
        requestsPerMinute: flags.maxRequests,
      }),
    });
    stdout.write(`Pastiche serves at ${service.address}\n`);
    return service;
  };
  await untilInterrupted(open, stoppingService, (text) => log.info(text));
  return exitCodes.success;
}

/** `pastiche serve keys`: makes, lists and revokes keys, also while a server runs. */
function keysCommand({ stdout }: Terminal): Command {
  const command = new Command('keys').description("the keys of the service's users");
  // The command above takes the flag for its own, wherever it stands.
  const keysOf = (one: Command): ApiKeys =>
    new ApiKeys(keysFolder(one.optsWithGlobals<{ data: string }>().data));
  command
    .command('create')
    .description('make a key, and print it: it is not told again')
    .argument('[name]', 'what it is for', 'unnamed')
    .addOption(dataFlag())
    .action(async (name: string, _, one: Command) => {
      const { key } = await keysOf(one).create(name);
      stdout.write(`${key}\n`);
    });
  command
    .command('list')
    .description('list the keys by their ids')
    .addOption(dataFlag())
    .action(async (_, one: Command) => {
      const rows = (await keysOf(one).list()).map(({ id, name, created }) => [id, name, created]);
      stdout.write(textTable([['ID', 'NAME', 'CREATED'], ...rows], 'left'));
    });
  command
    .command('revoke')
    .description('make a key worthless at once')
    .argument('<id>', 'its id')
    .addOption(dataFlag())
    .action(async (id: string, _, one: Command) => {
      await keysOf(one).revoke(id);
      stdout.write(`The key ${id} is revoked.\n`);
    });
  return command;
}
