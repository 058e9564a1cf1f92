import { Command, Option } from 'commander';
import type { FilesRequest } from '../jobs/files-request.js';
import { isEnlargeable } from '../methods/enlarge/options.js';
import { networkKindOf, type AnyMethod, type PictureRole } from '../methods/method.js';
import type { EnlargingFactor } from '../networks/enlarging-network.js';
import { commandLine, requestFlag, requestOptions, type RequestOption } from './command-line.js';
import { hasFlag, roleFlag } from './flag-names.js';
import { methodFlagNames, withFlags } from './flag-words.js';
import { deviceFlags, printFlags } from './machine-flags.js';
import { givenOptions, methodFlags } from './option-flags.js';
import { collect, wholeNumber } from './option-values.js';
import { readInitialFiles, readPictures } from './picture-arguments.js';
import { runMethod } from './run-method.js';
import { processTerminal, type Terminal } from './terminal.js';

/** The flags that are no options of a method, as the argument parser hands them over. */
export type CommonFlags = Pick<FilesRequest, 'output' | Exclude<RequestOption, 'bitDepth' | 'enlarge'>> & {
  readonly bitDepth?: '8' | '16';
  readonly enlarge?: '2' | '4';
  readonly dryRun?: boolean;
  /** Megabytes. */
  readonly memoryLimit?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
};

/** What a signal does, and how the command ends. */
const endNotes = {
  stepwise: `Ctrl-C ends the run after the current step and saves the best picture so far and the state to --resume from; a second
Ctrl-C quits at once. A closed terminal (SIGHUP) and SIGTERM do the same. Exit codes: 0 done; 1 the loss was no longer a
number, or standard output could not be written; 2 something could not be used; 128 and the signal's number where one
ended the run: 130 Ctrl-C, 129 SIGHUP, 143 SIGTERM.`,
  films: `Ctrl-C ends the run: of pictures nothing is written, of a film the frames that are done. A closed terminal (SIGHUP) and
SIGTERM do the same. Exit codes: 0 done; 1 standard output could not be written; 2 something could not be used; 128 and
the signal's number where one ended the run: 130 Ctrl-C, 129 SIGHUP, 143 SIGTERM.`,
  other: `Ctrl-C ends the run, and nothing is written; a closed terminal (SIGHUP) and SIGTERM do the same. Exit codes: 0 done; 1
standard output could not be written; 2 something could not be used; 128 and the signal's number where one ended the run:
130 Ctrl-C, 129 SIGHUP, 143 SIGTERM.`,
} as const;

const filmNotes = 'PASTICHE_FFMPEG, the ffmpeg that reads and writes films, with ffprobe beside it.';
const environmentNotes = `Environment: PASTICHE_MODELS, folders with files of weights; PASTICHE_CACHE, where downloaded ones go;
PASTICHE_MEMORY_LIMIT, what --memory-limit is without it.`;

/**
 * The command of a method: its pictures as arguments and flags, its options as flags, and what every method has.
 * Results go to stdout, progress and warnings to stderr; errors are thrown as StyleError.
 * @param terminal the process's unless given
 */
export function methodCommand(method: AnyMethod, terminal: Terminal = processTerminal): Command {
  const command = new Command(method.name).description(method.description).usage(usageOf(method));
  if (takesModel(method)) command.argument('<model>', modelDescription);
  for (const [name, description] of argumentsOf(method)) command.argument(name, description);
  const flags = [...pictureFlags(method), ...fileFlags(method)].map((flag) => flag.helpGroup('Files:'));
  const machine = machineFlags(method).map((flag) => flag.helpGroup('Machine and output:'));
  for (const option of [...flags, ...methodFlags(method), ...machine]) command.addOption(option);
  return command.addHelpText('after', helpNotes(method)).action(async (...values: unknown[]) => {
    const args = values.slice(0, command.registeredArguments.length).flat() as (string | undefined)[];
    const given = args.filter((arg) => arg !== undefined);
    const code = await withFlags(methodFlagNames(method), async () =>
      runMethod(method, await readRequest(method, given, command.opts()), command.opts(), terminal),
    );
    terminal.setExitCode(code);
  });
}

const takesModel = (method: AnyMethod): boolean => networkKindOf(method) === 'model';
const networkDescriptions = {
  perceptual: 'the network that measures the losses: a name or a file of weights',
  model: 'the model that makes the picture',
  'any-style-model': 'the model that paints after any painting: a name or a file',
  'enlarging-model': 'the model that makes it larger: a name or a file',
} as const;
const modelDescription = 'a style, a model that comes with Pastiche, or the file of one';

/** The arguments in capitals, as a usage line has them. */
function usageOf(method: AnyMethod): string {
  const names = argumentRoles(method).map((role) => {
    const name = role.name.replace(/s$/, role.several === true ? '' : 's').toUpperCase();
    const word = role.several === true ? `${name}...` : name;
    return role.example === undefined ? word : `[${word}]`;
  });
  const { kind } = method.output;
  const output = kind === 'none' ? [] : [kind === 'page' ? '[-o OUT]' : '-o OUT'];
  return [...(takesModel(method) ? ['MODEL'] : []), ...names, ...output, '[options]'].join(' ');
}

const argumentRoles = ({ roles }: AnyMethod): readonly PictureRole[] =>
  roles.filter(({ argument }) => argument === true);

/** Where there may be several pictures, one argument takes all of them, and the roles are found by their places. */
function argumentsOf(method: AnyMethod): [name: string, description: string][] {
  const roles = argumentRoles(method);
  const place = ({ name, example }: PictureRole): string =>
    example === undefined ? `<${name}>` : `[${name}]`;
  if (method.batch === false) return roles.map((role) => [place(role), role.description]);
  const [subject, ...others] = roles;
  const texts = [
    `${subject!.description}, or a folder of pictures`,
    ...others.map(({ description }) => description),
  ];
  const flags = others.map((role) => roleFlag(role)).join(', ');
  const ending = others.length === 0 ? '; or several' : `; with ${flags}, any number of the first`;
  return [
    [subject!.example === undefined ? '<pictures...>' : '[pictures...]', `${texts.join(', and ')}${ending}`],
  ];
}

function pictureFlags(method: AnyMethod): Option[] {
  const roles = method.roles.filter((role) => hasFlag(method, role));
  return roles.map((role) => {
    const { argument, description, optional, several, words } = role;
    const flag = new Option(
      `${roleFlag(role)} <${['file', words].filter((word) => word !== undefined).join('|')}>`,
      argument === true ? `${description}, where the arguments are all of the first kind` : description,
    );
    if (several === true) flag.argParser(collect);
    return optional === true || argument === true ? flag : flag.makeOptionMandatory();
  });
}

function fileFlags(method: AnyMethod): Option[] {
  const { output, films } = method;
  const isPicture = output.kind === 'picture';
  const isStepwise = method.stepwise?.() === true;
  const path =
    output.kind === 'page'
      ? new Option('-o, --output <file>', `the HTML page to write (default: ${output.fileName})`)
      : output.kind === 'folder'
        ? new Option('-o, --output <folder>', 'the folder for the results')
        : output.kind === 'data'
          ? new Option('-o, --output <file|folder>', `the file to write, which ends in ${output.suffix}`)
          : new Option('-o, --output <file|folder>', 'where the picture goes; its suffix says the format');
  const formats = films === true ? 'JPEG, WebP, AVIF and films' : 'JPEG, WebP and AVIF';
  return [
    output.kind !== 'none' && path.makeOptionMandatory(output.kind !== 'page'),
    isPicture && wholeNumber('--quality', `quality of ${formats}`, 1, 100),
    isPicture &&
      choice('--bit-depth <bits>', 'bits per channel; 16 for PNG and TIFF (default: 8)', ['8', '16']),
    // For pictures of any method: the factor of `pastiche enlarge`.
    isEnlargeable(method) && choice('--enlarge <N>', enlargeDescription, ['2', '4']),
    wholeNumber('--max-pixels', 'refuse pictures of more pixels than this (default: 100000000)', 1),
    isStepwise && wholeNumber('--save-every', 'save the picture and the state every so many iterations', 1),
    isStepwise && new Option('--resume <file>', 'go on from a state that was saved'),
    isStepwise && new Option('--trace <file.json>', 'write settings and the losses of every iteration'),
    isPicture && new Option('--report <file.html>', reportDescription),
  ].filter((flag) => flag !== false);
}

const enlargeDescription = 'make the picture so many times as wide and high afterwards: 2, 4';
const reportDescription = 'write a page with pictures, curves and settings, also during the run';

const choice = (flag: string, description: string, choices: readonly string[]): Option =>
  new Option(flag, description).choices(choices);

function machineFlags(method: AnyMethod): Option[] {
  const usesNetwork = method.network !== undefined;
  const networkFlag = new Option(
    `--${requestFlag(method, 'network')} <name|file>`,
    `${networkDescriptions[networkKindOf(method)]} (default: ${method.defaults?.['network'] ?? 'the first installed'})`,
  );
  return [
    ...(usesNetwork && !takesModel(method) ? [networkFlag] : []),
    ...(usesNetwork ? deviceFlags() : []),
    wholeNumber(
      '--memory-limit <megabytes>',
      'memory that it may take; what does not fit is computed part by part where the method can (default: what is free)',
      1,
    ),
    new Option('--dry-run', 'print what it will take in memory and time, and do nothing'),
    ...printFlags('one JSON object'),
  ];
}

function helpNotes(method: AnyMethod): string {
  const examples = method.examples.map(({ model, pictures, output, options = {} }) => {
    const { json, dryRun, ...others } = options;
    const named = model === undefined ? {} : { network: model };
    const line = commandLine(method, { pictures, output, options: others, ...named, ...others });
    const flags = [...(json === true ? ['--json'] : []), ...(dryRun === true ? ['--dry-run'] : [])];
    return `  $ ${[line, ...flags].join(' ')}`;
  });
  const end = endNotes[method.stepwise?.() === true ? 'stepwise' : method.films === true ? 'films' : 'other'];
  const environment = method.films === true ? `${environmentNotes}\n${filmNotes}` : environmentNotes;
  const parts = [`\nExamples:\n${examples.join('\n')}`, method.notes, end, environment];
  return parts.filter((part) => part !== undefined).join('\n\n');
}

/** The request that arguments and flags stand for. */
async function readRequest(
  method: AnyMethod,
  args: readonly string[],
  flags: CommonFlags & Readonly<Record<string, unknown>>,
): Promise<FilesRequest> {
  const { initial, options } = await readInitialFiles(method, givenOptions(method.options, flags));
  const flagged = (role: PictureRole): unknown => flags[new Option(roleFlag(role)).attributeName()];
  const named = Object.fromEntries(requestOptions.map((name) => [name, flags[requestFlag(method, name)]]));
  const [model, ...rest] = takesModel(method) ? args : [undefined, ...args];
  const request: FilesRequest = {
    ...named,
    ...(model === undefined ? {} : { network: model }),
    bitDepth: flags.bitDepth && (Number(flags.bitDepth) as 8 | 16),
    enlarge: flags.enlarge && (Number(flags.enlarge) as EnlargingFactor),
    pictures: { ...readPictures(method, rest as string[], flagged), ...initial },
    output: flags.output,
    memoryLimit: flags.memoryLimit && flags.memoryLimit * 1e6,
    options,
  };
  return { ...request, command: commandLine(method, request) };
}
