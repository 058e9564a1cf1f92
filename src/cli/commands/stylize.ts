import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { StyleError } from '../../errors.js';
import {
  resolveStylizeSettings,
  stylizeOptionsSchema,
  type StylizeOptions,
} from '../../methods/stylize/options.js';
import { reportedTerms } from '../../methods/stylize/picture-loss.js';
import { defaultNetworks } from '../../methods/stylize/presets.js';
import type { StylizeFilesResult, StylizeOrder } from '../../node.js';
import { deviceNames, type DeviceName } from '../../runtime/device-names.js';
import { describeFailure } from '../failure.js';
import { harmonizeOptionsSchema } from '../../methods/harmonize/options.js';
import { Interruption } from '../interruption.js';
import { memoryLimit } from '../memory-limit.js';
import { twoPictures } from '../method-flags.js';
import { wholeNumber } from '../option-values.js';
import { OptimizationDisplay } from '../optimization-display.js';
import { initialNames, presetTable, stylizeFlags } from '../stylize-flags.js';
import { planObject, planText, resultObject, resultText, resumeText } from '../stylize-results.js';
import { exitCodes, processTerminal, type Terminal } from '../terminal.js';
import { runHarmonize } from './harmonize.js';
import { methodFlags, stylizePatches } from './stylize-patches.js';

/** The flags that are not options of the method, as the argument parser hands them over. */
interface OwnFlags {
  readonly output: string;
  readonly style: readonly string[];
  readonly method?: 'gram' | 'patches' | 'harmonize';
  readonly init?: string;
  readonly mask?: string;
  readonly contentMask?: string;
  readonly styleMask: readonly string[];
  readonly network?: string;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly quality?: number;
  readonly bitDepth?: '8' | '16';
  readonly saveEvery?: number;
  readonly trace?: string;
  readonly report?: string;
  readonly resume?: string;
  readonly dryRun?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const examples = `
Examples:
  $ pastiche stylize photo.jpg painting.jpg -o out.png
  $ pastiche stylize photo.jpg painting.jpg -o out.png --style-weight 3 --size 1024 --report out.html
  $ pastiche stylize photo.jpg wave.jpg poppies.jpg --style-blend 3,1 -o out.png
  $ pastiche stylize photo.jpg wave.jpg poppies.jpg --content-mask m.png --style-mask white --style-mask black -o out.png
  $ pastiche stylize photo.jpg painting.jpg --method patches -o out.png
  $ pastiche stylize photos/ painting.jpg -o painted/
  $ pastiche stylize a.jpg b.jpg c.jpg --style painting.jpg -o painted/
  $ pastiche stylize photo.jpg painting.jpg -o out.png --preset gatys --network vgg19 --dry-run

Defaults are those of the preset "default"; the other presets have their own.

${presetTable()}

Ctrl-C ends the work after the current step and saves the best picture so far and the state to --resume from; a second
Ctrl-C quits at once. Exit codes: 0 done, 1 the loss was no longer a number, 2 something could not be used, 130 Ctrl-C.

Environment: PASTICHE_MODELS, folders with files of weights; PASTICHE_CACHE, where downloaded ones go;
PASTICHE_MEMORY_LIMIT, megabytes that the work may take, instead of what is free.`;

/**
 * The command `pastiche stylize`. Results go to stdout, progress and warnings to stderr; errors are thrown as StyleError.
 * @param terminal the process's own unless given
 */
export function stylizeCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('stylize')
    .description('repaint a photograph after a painting')
    .usage('CONTENT STYLE... -o OUT [options]')
    .argument(
      '<pictures...>',
      'the photograph, or a folder of them, and the painting or paintings; with --style, photographs only',
    );
  for (const option of [...fileFlags(), ...stylizeFlags(), ...methodFlags(), ...machineFlags()])
    command.addOption(option);
  return command
    .addHelpText('after', examples)
    .action((pictures: string[], flags: OwnFlags & StylizeOptions) => stylize(pictures, flags, terminal));
}

function fileFlags(): Option[] {
  const collect = (path: string, before: readonly string[]): readonly string[] => [...before, path];
  return [
    new Option(
      '-o, --output <file|folder>',
      'where the picture goes; its suffix says the format',
    ).makeOptionMandatory(),
    new Option('--style <file>', 'a painting, where several photographs are named; may be given again')
      .argParser(collect)
      .default([], 'none'),
    new Option('--mask <file>', 'where to paint: white is painted, black stays the photograph'),
    new Option('--content-mask <file>', "the photograph's regions, each in a colour of its own"),
    new Option(
      '--style-mask <file|colour>',
      'the regions of a painting in the same colours, or the colour of its one region, or all; once for each painting',
    )
      .argParser(collect)
      .default([], 'none'),
    wholeNumber('--quality', 'quality of JPEG, WebP and AVIF', 1, 100),
    new Option('--bit-depth <bits>', 'bits per channel; 16 for PNG and TIFF').choices(['8', '16']),
    wholeNumber('--save-every', 'save the picture and the state every so many iterations', 1),
    new Option('--trace <file.json>', 'write settings and the losses of every iteration'),
    new Option(
      '--report <file.html>',
      'write a page with pictures, curves and settings, also while the work goes on',
    ),
    new Option('--resume <file>', 'go on from the state that a stopped run saved'),
  ].map((option) => option.helpGroup('Files:'));
}

function machineFlags(): Option[] {
  return [
    new Option(
      '--network <name|file>',
      `weights of a VGG network (default: the preset's; for "default" the first here of ${defaultNetworks.join(', ')})`,
    ),
    new Option('--device <name>', 'what computes; auto is the CPU').choices(deviceNames),
    wholeNumber('--threads', 'threads of the CPU (default: as many as there are processors)', 1, 1024),
    new Option('--dry-run', 'print what it will take in memory and time, and do nothing'),
    new Option('--quiet', 'print nothing but errors').conflicts('json'),
    new Option('--json', 'print one JSON object'),
  ].map((option) => option.helpGroup('Machine and output:'));
}

async function stylize(
  pictures: string[],
  flags: OwnFlags & StylizeOptions,
  terminal: Terminal,
): Promise<void> {
  if (flags.method === 'patches') {
    process.exitCode = await stylizePatches(pictures, { ...flags }, terminal);
    return;
  }
  if (flags.method === 'harmonize') {
    const [composite, painting] = twoPictures('harmonize', harmonizeOptionsSchema, ['mask'], pictures, {
      ...flags,
    });
    process.exitCode = await runHarmonize(painting, composite, { ...flags }, terminal);
    return;
  }
  const order = { ...(await readOrder(pictures, flags)), memoryLimit: memoryLimit(terminal) };
  const { stdout } = terminal;
  const { planFiles, stylizeFiles } = await import('../../node.js');
  if (flags.dryRun === true) {
    const plan = await planFiles(order);
    if (flags.json === true) stdout.write(`${JSON.stringify(planObject(plan))}\n`);
    else if (flags.quiet !== true) stdout.write(planText(plan));
    return;
  }
  const silent = flags.quiet === true || (flags.json === true && terminal.stderr.isTTY !== true);
  const terms = reportedTerms(resolveStylizeSettings(order.options ?? {}));
  const display = new OptimizationDisplay(terminal.stderr, silent, terms);
  const interruption = new Interruption(
    () => display.say('Stopping after this step; Ctrl-C again quits at once.'),
    () => display.stop(),
  );
  try {
    const { signal } = interruption;
    const result = await stylizeFiles({ ...order, signal, onProgress: (event) => display.show(event) });
    display.stop();
    if (flags.json === true) stdout.write(`${JSON.stringify(resultObject(result, order))}\n`);
    else if (flags.quiet !== true) stdout.write(resultText(result));
    process.exitCode = conclude(result, order, terminal);
  } finally {
    display.stop();
    interruption.release();
  }
}

/** What is not as it should be, on stderr. @returns the exit code */
function conclude(
  result: StylizeFilesResult,
  order: StylizeOrder,
  { stderr, environment }: Terminal,
): number {
  const { pictures, failures, left } = result;
  for (const { content, error } of failures) {
    const { code, message, remedy } = describeFailure(error);
    stderr.write(`error [${code}]: ${content}: ${message}\n${remedy}\n`);
  }
  const diverged = pictures.filter(({ stopped }) => stopped === 'diverged');
  for (const { output, iterations } of diverged) {
    stderr.write(
      `Warning: after ${iterations} iterations the loss was no longer a number; "${output}" is the last good picture.\n` +
        'Use a lower learning rate, other weights or another optimizer.\n',
    );
  }
  const cancelled = left.length > 0 || pictures.some(({ stopped }) => stopped === 'cancelled');
  if (cancelled) stderr.write(resumeText(result, order, environment['npm_command'] === 'exec'));
  if (cancelled) return exitCodes.interrupted;
  if (failures.length > 0) return exitCodes.input;
  return diverged.length > 0 ? exitCodes.failure : exitCodes.success;
}

/** The order that the arguments stand for. */
async function readOrder(
  pictures: readonly string[],
  flags: OwnFlags & StylizeOptions,
): Promise<StylizeOrder> {
  const separate = flags.style.length > 0;
  const content = separate ? pictures : pictures[0]!;
  const styles = separate ? flags.style : pictures.slice(1);
  if (styles.length === 0) {
    throw new StyleError(
      'E_ARGUMENT',
      `No painting is named beside "${pictures[0]!}".`,
      'Name one after the photograph: pastiche stylize photo.jpg painting.jpg -o out.png.',
    );
  }
  const { mask, contentMask, styleMask } = flags;
  const { init, bitDepth, output, network, device, threads, quality, saveEvery, trace, report, resume } =
    flags;
  const options: Record<string, unknown> = {};
  for (const name of Object.keys(stylizeOptionsSchema.shape) as (keyof StylizeOptions)[]) {
    if (flags[name] !== undefined && name !== 'init') options[name] = flags[name];
  }
  const named = init !== undefined && initialNames.includes(init);
  if (named) options['init'] = init;
  const initial = init === undefined || named ? undefined : await initialFile(init);
  return {
    ...{
      content,
      styles,
      output,
      options: options as StylizeOptions,
      initial,
      network,
      device,
      threads,
      quality,
    },
    ...{ bitDepth: bitDepth === undefined ? undefined : (Number(bitDepth) as 8 | 16) },
    ...{ mask, contentMask, styleMasks: styleMask.length === 0 ? undefined : styleMask },
    ...{ saveEvery, trace, report, resume },
  };
}

/** A text that looks like a name and is no file was meant as a name. */
async function initialFile(text: string): Promise<string> {
  const exists = await stat(text).catch(() => undefined);
  if (exists === undefined && !/[./\\]/.test(text)) {
    throw new StyleError(
      'E_ARGUMENT',
      `--init can't be "${text}".`,
      `It takes one of ${initialNames.join(', ')}, or the file of a picture.`,
    );
  }
  return text;
}
