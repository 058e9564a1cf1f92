import { Command, Option } from 'commander';
import type { TrainedNetwork, TrainingOrder } from '../../jobs/train.node.js';
import { shortNumber } from '../../methods/facts.js';
import { methods } from '../../methods/index.js';
import { courseOptionsSchema, type AnyTraining, type TrainingInput } from '../../training/training.js';
import { trainings } from '../../training/trainings.js';
import { commandDescriptions } from '../command-descriptions.js';
import { commandLine, shellLine } from '../command-line.js';
import { flagOf } from '../flag-names.js';
import { flagNames, withFlags } from '../flag-words.js';
import { withInterruption } from '../interruption.js';
import { deviceFlags, printFlags } from '../machine-flags.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { processTerminal, type Terminal } from '../terminal.js';
import { formatBytes, textTable } from '../text.js';
import { TrainingDisplay } from '../training-display.js';

/** What the argument parser hands over: an order but for the training's inputs and options, which are flags like the others. */
type TrainingFlags = Omit<TrainingOrder, 'inputs' | 'options'> &
  Readonly<Record<string, unknown>> & { readonly quiet?: boolean; readonly json?: boolean };

const endNotes = `Ctrl-C ends the training after the current step and leaves a checkpoint; a second Ctrl-C quits at once, and the last
checkpoint is whole all the same. A closed terminal (SIGHUP) and SIGTERM do the same. Exit codes: 0 done; 1 standard output
could not be written; 2 something could not be used or the training diverged; 128 and the signal's number where one ended
the training: 130 Ctrl-C, 129 SIGHUP, 143 SIGTERM.`;

/**
 * The command `pastiche train`, with a subcommand for each training. Results go to stdout, progress and warnings to stderr;
 * errors are thrown as StyleError.
 * @param terminal the process's own unless given
 */
export function trainCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('train').description(commandDescriptions.train);
  for (const training of trainings) command.addCommand(trainingCommand(training, terminal));
  return command;
}

/** The command of a training: its inputs and options as flags, and what every training has. */
export function trainingCommand(training: AnyTraining, terminal: Terminal): Command {
  const groups = {
    'Files:': [...inputFlags(training), ...fileFlags()],
    'Training:': [...optionFlags(training.options).values()],
    'Machine and output:': [...deviceFlags(), ...printFlags('JSON objects, one a line, the result last')],
  };
  const inputs = training.inputs.filter(isNeeded).map(({ name, kind }) => placeholder(name, kind));
  const command = new Command(training.name)
    .description(training.description)
    .usage([...inputs, '--images DIR... -o FILE [options]'].join(' '));
  for (const { name, description } of training.inputs.filter(isPositional))
    command.argument(`<${name}...>`, description);
  for (const [heading, flags] of Object.entries(groups))
    for (const flag of flags) command.addOption(flag.helpGroup(heading));
  const attributes = command.options.map((option) => option.attributeName());
  const names = new Map([...flagNames(attributes), ['output', '-o']]);
  return command
    .addHelpText('after', `\n${[exampleText(training), training.notes, endNotes].join('\n\n')}`)
    .action((...args: unknown[]) => {
      const positional = training.inputs.filter(isPositional).map(({ name }, index) => [name, args[index]]);
      const flags = args[positional.length] as TrainingFlags;
      const all = { ...flags, ...Object.fromEntries(positional) } as TrainingFlags;
      return withFlags(names, () => run(training, all, terminal));
    });
}

/** Pictures are named without a flag, as those of a method are. */
const isPositional = ({ kind }: TrainingInput): boolean => kind === 'pictures' || kind === 'collection';
const isNeeded = (input: TrainingInput): boolean => input.default === undefined && input.optional !== true;

const placeholder = (name: string, kind: TrainingInput['kind']): string =>
  ({
    network: `${flagOf(name)} WEIGHTS`,
    'style-model': `${flagOf(name)} MODEL`,
    'any-style-model': `${flagOf(name)} MODEL`,
    'enlarging-model': `${flagOf(name)} MODEL`,
    pictures: `${name.replace(/s$/, '').toUpperCase()}...`,
    collection: `${name.toUpperCase()}...`,
  })[kind];

function inputFlags({ inputs }: AnyTraining): Option[] {
  return inputs
    .filter((input) => !isPositional(input))
    .map((input) => {
      const { name, kind, description, default: standardFile } = input;
      const text = standardFile === undefined ? description : `${description} (default: "${standardFile}")`;
      const option = new Option(`${flagOf(name)} <${kind === 'network' ? 'name|file' : 'file'}>`, text);
      return isNeeded(input) ? option.makeOptionMandatory() : option;
    });
}

function fileFlags(): Option[] {
  return [
    new Option('--images <folder|file...>', 'pictures to train on').makeOptionMandatory(),
    new Option('-o, --output <file>', 'where the network goes').makeOptionMandatory(),
    new Option(
      '--held-out <file>',
      'list of pictures, one path a line, to validate on instead (default: every tenth)',
    ),
    new Option('--exclude <file>', 'such a list of pictures that are not used at all'),
    new Option('--checkpoints <folder>', 'where checkpoints go (default: beside the output)'),
    ...optionFlags(courseOptionsSchema).values(),
    new Option('--resume', 'go on from the newest checkpoint'),
    new Option(
      '--report <file.html>',
      'write a page with curves and settings, also while the training goes on',
    ),
    new Option('--log <file.json>', 'write settings, curves and validations'),
  ];
}

function exampleText(training: AnyTraining): string {
  const { example, usedAs } = training;
  const order = { ...example, images: ['photos/', 'paintings/'] };
  const lines = [
    trainingCommandLine(training, { ...order, report: example.output.replace(/\.\w+$/, '.html') }),
    trainingCommandLine(training, { ...order, resume: true }),
  ];
  if (usedAs !== undefined) {
    const [method] = methods;
    lines.push(commandLine(method!, { ...method!.examples[0]!, [usedAs]: example.output }));
  }
  return `Examples:\n${lines.map((line) => `  $ ${line}`).join('\n')}`;
}

async function run(training: AnyTraining, flags: TrainingFlags, terminal: Terminal): Promise<void> {
  const { stdout, stderr } = terminal;
  const { quiet = false, json = false } = flags;
  const { train } = await import('../../jobs/train.node.js');
  const display = new TrainingDisplay(terminal, { quiet, json: json ? stdout : undefined });
  const inputs = training.inputs.filter(({ name }) => flags[name] !== undefined);
  const common = [...fileFlags(), ...deviceFlags()].map((flag) => flag.attributeName());
  const order = {
    ...(Object.fromEntries(common.map((name) => [name, flags[name]])) as unknown as TrainingFlags),
    inputs: Object.fromEntries(inputs.map(({ name }) => [name, flags[name] as string | string[]])),
    options: givenOptions(training.options, flags),
  };
  const stopping = 'Stopping after this step; Ctrl-C again quits at once.';
  await withInterruption(display, stopping, async (interruption) => {
    const { signal } = interruption;
    const onProgress = display.show.bind(display);
    const command = trainingCommandLine(training, order);
    const result = await train(training, { ...order, command, signal, onProgress });
    display.stop();
    if (json) stdout.write(`${JSON.stringify(resultObject(result))}\n`);
    else if (!quiet) stdout.write(resultText(training, result));
    if (result.stopped === 'cancelled') {
      stderr.write(stoppedText(result));
      terminal.setExitCode(interruption.exitCode);
    }
  });
}

function stoppedText({ step, checkpoints }: TrainedNetwork): string {
  // A resumed training that was stopped at once stands where its checkpoint does.
  return step === 0
    ? 'Stopped before the first step; there is nothing to go on from.\n'
    : `Stopped after step ${step}. The same command with --resume goes on from "${checkpoints}".\n`;
}

function resultObject(result: TrainedNetwork): Record<string, unknown> {
  const { history, validation, checkpoint: _, design, ...others } = result;
  const losses = validation?.losses;
  return { type: 'result', ...others, ...design, milliseconds: history.elapsed, losses };
}

function resultText(training: AnyTraining, result: TrainedNetwork): string {
  const { output, bytes, validation, skipped, step, history, waited } = result;
  const losses = Object.entries(validation?.losses ?? {});
  const lines = [
    `${step} steps in ${Math.round(history.elapsed / 1000)} s, of which ${Math.round(waited)} ms waiting for pictures`,
    ...(skipped.length === 0
      ? []
      : [`pictures that could not be read: ${skipped.length}, the first of them ${skipped[0]!.path}`]),
    ...(output === undefined ? [] : [`${output} (${formatBytes(bytes!)})`]),
  ];
  const table = textTable(losses.map(([name, value]) => [name, shortNumber(value)]));
  const heading = `${training.validation}, on held-out pictures:`;
  return `${lines.join('\n')}\n${losses.length === 0 ? '' : `\n${heading}\n\n${table}`}`;
}

/** The command line that does the same as an order. */
export function trainingCommandLine(
  { name, inputs: taken }: AnyTraining,
  order: Omit<TrainingOrder, 'command' | 'signal' | 'onProgress'>,
): string {
  const { inputs, images, output, options = {}, ...others } = order;
  const args = ['pastiche', 'train', name];
  for (const input of taken) {
    const files = [inputs[input.name] ?? []].flat();
    if (files.length > 0) args.push(...(isPositional(input) ? files : [flagOf(input.name), ...files]));
  }
  args.push('--images', ...images, '-o', output);
  for (const [option, value] of Object.entries({ ...options, ...others }) as [string, unknown][]) {
    if (value === undefined || value === false) continue;
    args.push(flagOf(option));
    if (value !== true) args.push([value].flat().join(','));
  }
  return shellLine(args);
}
