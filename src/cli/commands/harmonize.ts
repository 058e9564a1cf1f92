import { Command, Option } from 'commander';
import { StyleError } from '../../errors.js';
import {
  harmonizeOptionsSchema,
  harmonizeTerms,
  resolveHarmonizeSettings,
} from '../../methods/harmonize/options.js';
import type { HarmonizeFilesResult } from '../../node.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { optimizeFlags, optimizeOrder, runOptimization, type OptimizeFlags } from '../optimize-command.js';
import { processTerminal, type Terminal } from '../terminal.js';
import { formatDuration, formatNumber } from '../text.js';

type HarmonizeFlags = OptimizeFlags & { readonly mask?: string } & Record<string, unknown>;

const notes = `
Examples:
  $ pastiche harmonize painting.jpg composite.png --mask mask.png -o out.png
  $ pastiche harmonize painting.jpg composite.png --mask mask.png -o out.png --content-weight 0.3 --report out.html

Ctrl-C ends the work after the current step and saves the best picture so far; a second Ctrl-C quits at once.
Exit codes: 0 done, 1 the loss was no longer a number, 2 something could not be used, 130 Ctrl-C.`;

/**
 * The command `pastiche harmonize`: an object pasted into a painting becomes a part of it.
 * @param terminal the process's own unless given
 */
export function harmonizeCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('harmonize')
    .description('make an object that was pasted into a painting a part of it')
    .argument('<painting>', 'the painting')
    .argument('<composite>', 'the painting with the object pasted in, of the same size')
    .addOption(
      new Option(
        '--mask <file>',
        'a picture that is white where the object is and black elsewhere',
      ).makeOptionMandatory(),
    );
  for (const option of [...optionFlags(harmonizeOptionsSchema), ...optimizeFlags()])
    command.addOption(option);
  return command
    .addHelpText('after', notes)
    .action(async (painting: string, composite: string, flags: HarmonizeFlags) => {
      process.exitCode = await runHarmonize(painting, composite, flags, terminal);
    });
}

/**
 * Runs the job for the command, and for `stylize --method harmonize`.
 * @returns the exit code
 * @throws StyleError as the job does; `E_ARGUMENT` where no mask is named
 */
export async function runHarmonize(
  painting: string,
  composite: string,
  flags: HarmonizeFlags,
  terminal: Terminal,
): Promise<number> {
  const { mask } = flags;
  if (mask === undefined) {
    throw new StyleError(
      'E_ARGUMENT',
      `No mask says where the object is in "${composite}".`,
      'Name a picture that is white there and black elsewhere: --mask mask.png.',
    );
  }
  const { harmonizeFiles } = await import('../../node.js');
  const options = givenOptions(harmonizeOptionsSchema, flags);
  const order = { ...optimizeOrder(flags, terminal), painting, composite, mask, options };
  return runOptimization(flags, terminal, {
    terms: harmonizeTerms(resolveHarmonizeSettings(options)),
    work: (control) => harmonizeFiles({ ...order, ...control }),
    text: resultText,
  });
}

function resultText({ output, width, height, iterations, seconds, losses }: HarmonizeFilesResult): string {
  const work = `${iterations} iterations in ${formatDuration(seconds)}`;
  return `${output}: ${width}x${height}, ${work}, style ${formatNumber(losses.style)}\n`;
}
