import { Command, Option } from 'commander';
import type { TrainPerceptualOrder, TrainPerceptualResult } from '../../jobs/train-perceptual.node.js';
import { deviceNames, type DeviceName } from '../../runtime/device-names.js';
import { perceptualOptionsSchema } from '../../training/distillation/perceptual-settings.js';
import { formatBytes } from '../download-display.js';
import { Interruption } from '../interruption.js';
import { shellLine } from '../command-line.js';
import { flagOf } from '../flag-names.js';
import { flagNames, withFlags } from '../flag-words.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { wholeNumber } from '../option-values.js';
import { processTerminal, type Terminal } from '../terminal.js';
import { formatNumber, textTable } from '../text.js';
import { TrainingDisplay } from '../training-display.js';

interface PerceptualFlags {
  readonly teacher: string;
  readonly images: readonly string[];
  readonly output: string;
  readonly heldOut?: string;
  readonly exclude?: string;
  readonly checkpoints?: string;
  readonly keep?: number;
  readonly checkpointEvery?: number;
  readonly validateEvery?: number;
  readonly resume?: boolean;
  readonly report?: string;
  readonly log?: string;
  readonly device?: DeviceName;
  readonly threads?: number;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const perceptualNotes = `
Examples:
  $ pastiche train perceptual --teacher vgg19 --images photos/ paintings/ -o compact.safetensors --report compact.html
  $ pastiche train perceptual --teacher vgg19 --images photos/ paintings/ -o compact.safetensors --resume
  $ pastiche stylize photo.jpg painting.jpg -o out.png --network compact.safetensors

The network keeps the teacher's layers and their names up to conv5_1. With narrower blocks, its channels stand for those of
the teacher that tell most, and projections to all of them let the style be measured in the teacher's space.

Ctrl-C ends the training after the current step and leaves a checkpoint; a second Ctrl-C quits at once, and the last
checkpoint is whole all the same. A closed terminal (SIGHUP) and SIGTERM do the same. Exit codes: 0 done; 1 standard output
could not be written; 2 something could not be used or the training diverged; 128 and the signal's number where one ended
the training: 130 Ctrl-C, 129 SIGHUP, 143 SIGTERM.`;

/**
 * The command `pastiche train`. Results go to stdout, progress and warnings to stderr; errors are thrown as StyleError.
 * @param terminal the process's own unless given
 */
export function trainCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('train').description('train networks on folders of pictures');
  command.addCommand(perceptualCommand(terminal));
  return command;
}

function perceptualCommand(terminal: Terminal): Command {
  const command = new Command('perceptual')
    .description('distil a compact VGG, the network that losses are measured with, from a larger one')
    .usage('--teacher WEIGHTS --images DIR... -o FILE [options]');
  for (const option of fileFlags()) command.addOption(option.helpGroup('Files:'));
  for (const option of optionFlags(perceptualOptionsSchema).values())
    command.addOption(option.helpGroup('Training:'));
  for (const option of machineFlags()) command.addOption(option.helpGroup('Machine and output:'));
  return command
    .addHelpText('after', perceptualNotes)
    .action((flags: PerceptualFlags & Record<string, unknown>) =>
      withFlags(perceptualFlagNames, () => trainPerceptual(flags, terminal)),
    );
}

const perceptualFlagNames = new Map([
  ...flagNames(Object.keys(perceptualOptionsSchema.shape)),
  ...flagNames(['teacher', 'images', 'heldOut', 'exclude', 'checkpoints', 'keep', 'checkpointEvery']),
  ...flagNames(['validateEvery', 'resume', 'report', 'log', 'device', 'threads']),
  ['output', '-o'] as const,
]);

function fileFlags(): Option[] {
  return [
    new Option('--teacher <name|file>', 'weights of the network to learn from').makeOptionMandatory(),
    new Option('--images <folder|file...>', 'pictures to train on').makeOptionMandatory(),
    new Option('-o, --output <file>', 'where the weights go, as safetensors').makeOptionMandatory(),
    new Option(
      '--held-out <file>',
      'list of pictures, one path a line, to validate on instead (default: every tenth)',
    ),
    new Option('--exclude <file>', 'such a list of pictures that are not used at all'),
    new Option('--checkpoints <folder>', 'where checkpoints go (default: beside the output)'),
    wholeNumber('--keep', 'checkpoints that stay (default: 3)', 1),
    wholeNumber('--checkpoint-every', 'steps between checkpoints (default: 500)', 1),
    wholeNumber('--validate-every', 'steps between validations (default: 250)', 1),
    new Option('--resume', 'go on from the newest checkpoint'),
    new Option(
      '--report <file.html>',
      'write a page with curves and settings, also while the training goes on',
    ),
    new Option('--log <file.json>', 'write settings, curves and validations'),
  ];
}

function machineFlags(): Option[] {
  return [
    new Option('--device <name>', 'what computes; auto is the CPU').choices(deviceNames),
    wholeNumber('--threads', 'threads of the CPU (default: as many as there are processors)', 1, 1024),
    new Option('--quiet', 'print nothing but errors').conflicts('json'),
    new Option('--json', 'print JSON objects, one a line, the result last'),
  ];
}

async function trainPerceptual(
  flags: PerceptualFlags & Record<string, unknown>,
  terminal: Terminal,
): Promise<void> {
  const { stdout, stderr } = terminal;
  const { teacher, images, output, heldOut, exclude, checkpoints, keep, checkpointEvery, validateEvery } =
    flags;
  const { resume, report, log, device, threads, quiet, json } = flags;
  const { trainPerceptual: train } = await import('../../jobs/train-perceptual.node.js');
  const display = new TrainingDisplay(terminal, { quiet, json: json === true ? stdout : undefined });
  const interruption = new Interruption(
    () => display.say('Stopping after this step; Ctrl-C again quits at once.'),
    () => display.stop(),
  );
  const order: TrainPerceptualOrder = {
    ...{ teacher, images, output, heldOut, exclude, checkpoints, keep, checkpointEvery, validateEvery },
    ...{ resume, report, log, device, threads, signal: interruption.signal },
    options: givenOptions(perceptualOptionsSchema, flags),
    onProgress: (event) => display.show(event),
  };
  try {
    const result = await train({ ...order, command: trainPerceptualCommand(order) });
    display.stop();
    if (json === true) stdout.write(`${JSON.stringify(resultObject(result))}\n`);
    else if (quiet !== true) stdout.write(resultText(result));
    if (result.stopped === 'cancelled') {
      stderr.write(stoppedText(result));
      process.exitCode = interruption.exitCode;
    }
  } finally {
    display.stop();
    interruption.release();
  }
}

function stoppedText({ step, checkpoints }: TrainPerceptualResult): string {
  // A resumed training that was stopped at once stands where its checkpoint does.
  return step === 0
    ? 'Stopped before the first step; there is nothing to go on from.\n'
    : `Stopped after step ${step}. The same command with --resume goes on from "${checkpoints}".\n`;
}

function resultObject(result: TrainPerceptualResult): Record<string, unknown> {
  const { stopped, step, validation, output, bytes, widths, settings, checkpoints, pictures } = result;
  const { heldOut, skipped, waited, history } = result;
  return {
    ...{ type: 'result', stopped, step, output, bytes, widths, settings, checkpoints, pictures, heldOut },
    ...{ skipped, milliseconds: history.elapsed, waited, losses: validation?.losses },
  };
}

function resultText(result: TrainPerceptualResult): string {
  const { output, bytes, validation, skipped, step, history, waited } = result;
  const losses = Object.entries(validation?.losses ?? {});
  const lines = [
    `${step} steps in ${Math.round(history.elapsed / 1000)} s, of which ${Math.round(waited)} ms waiting for pictures`,
    ...(skipped.length === 0
      ? []
      : [`pictures that could not be read: ${skipped.length}, the first of them ${skipped[0]!.path}`]),
    ...(output === undefined ? [] : [`${output} (${formatBytes(bytes!)})`]),
  ];
  const table = textTable(losses.map(([name, value]) => [name, formatNumber(value)]));
  return `${lines.join('\n')}\n${losses.length === 0 ? '' : `\nMean squared error against the teacher, on held-out pictures:\n\n${table}`}`;
}

/** The command line that does the same as an order. */
export function trainPerceptualCommand(order: TrainPerceptualOrder): string {
  const { teacher, images, output, options = {}, onProgress: _, signal: __, ...others } = order;
  const args = ['pastiche', 'train', 'perceptual', '--teacher', teacher, '--images', ...images, '-o', output];
  for (const [name, value] of Object.entries({ ...options, ...others })) {
    if (value === undefined || value === false) continue;
    args.push(flagOf(name));
    if (value !== true) args.push([value].flat().join(','));
  }
  return shellLine(args);
}
