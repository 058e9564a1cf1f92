import { Command, Option } from 'commander';
import { StyleError } from '../../errors.js';
import { reconstructOptionsSchema } from '../../methods/reconstruct/options.js';
import type { ReconstructAllResult, ReconstructFilesResult } from '../../node.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { optimizeFlags, optimizeOrder, runOptimization, type OptimizeFlags } from '../optimize-command.js';
import { processTerminal, type Terminal } from '../terminal.js';
import { formatDuration, formatNumber } from '../text.js';

type ReconstructFlags = OptimizeFlags & { readonly allLayers?: boolean } & Record<string, unknown>;

const notes = `
Examples:
  $ pastiche reconstruct photo.jpg --layer relu4_2 -o out.png
  $ pastiche reconstruct painting.jpg --layer relu3_1 --from style -o out.png
  $ pastiche reconstruct painting.jpg --all-layers -o sheet.png

Ctrl-C ends the work after the current step and saves the best picture so far; a second Ctrl-C quits at once.
Exit codes: 0 done, 1 the loss was no longer a number, 2 something could not be used, 130 Ctrl-C.`;

/**
 * The command `pastiche reconstruct`: what a layer of the network knows of a picture, made visible.
 * @param terminal the process's own unless given
 */
export function reconstructCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('reconstruct')
    .description('show what a layer of the network knows of a picture')
    .argument('<picture>', 'the picture to reconstruct')
    .addOption(
      new Option('--all-layers', 'reconstruct content and style of all five levels, in one labelled sheet'),
    );
  for (const option of [...optionFlags(reconstructOptionsSchema), ...optimizeFlags()])
    command.addOption(option);
  return command.addHelpText('after', notes).action(async (picture: string, flags: ReconstructFlags) => {
    const { reconstructAllFiles, reconstructFiles } = await import('../../node.js');
    const options = givenOptions(reconstructOptionsSchema, flags);
    const order = { ...optimizeOrder(flags, terminal), picture, options };
    if (flags.allLayers === true) {
      for (const name of ['layer', 'from', 'report', 'saveEvery']) refuseWithAllLayers(name, flags[name]);
      process.exitCode = await runOptimization(flags, terminal, {
        terms: ['content', 'style', 'totalVariation'],
        work: (control) => reconstructAllFiles({ ...order, ...control }),
        text: sheetText,
      });
      return;
    }
    const from = options['from'] === 'style' ? 'style' : 'content';
    process.exitCode = await runOptimization(flags, terminal, {
      terms: [from, 'totalVariation'],
      work: (control) => reconstructFiles({ ...order, ...control }),
      text: resultText,
    });
  });
}

function refuseWithAllLayers(name: string, value: unknown): void {
  if (value === undefined) return;
  const flag = name === 'saveEvery' ? '--save-every' : `--${name}`;
  throw new StyleError(
    'E_ARGUMENT',
    `${flag} is for one layer, and --all-layers reconstructs all of them.`,
    `Leave ${flag} or --all-layers out.`,
  );
}

function resultText({
  output,
  width,
  height,
  iterations,
  seconds,
  losses,
  settings,
}: ReconstructFilesResult): string {
  const work = `${iterations} iterations in ${formatDuration(seconds)}`;
  const { from, layer } = settings;
  return `${output}: ${width}x${height}, ${work}, ${from} at ${layer} ${formatNumber(losses[from])}\n`;
}

function sheetText({ output, width, height, reconstructions, seconds }: ReconstructAllResult): string {
  const lines = reconstructions.map(
    ({ from, layer, losses }) => `  ${from} at ${layer}: ${formatNumber(losses[from])}\n`,
  );
  return `${output}: ${width}x${height}, ${reconstructions.length} reconstructions in ${formatDuration(seconds)}\n${lines.join('')}`;
}
