import { Option } from 'commander';
import { StyleError } from '../../errors.js';
import { flagOf } from '../../jobs/shell-command.js';
import { patchStyleOptionsSchema, resolvePatchStyleSettings } from '../../methods/patches/options.js';
import { stylizeOptionsSchema } from '../../methods/stylize/options.js';
import type { StylizePatchesResult } from '../../node.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { optimizeOrder, runOptimization, type OptimizeFlags } from '../optimize-command.js';
import type { Terminal } from '../terminal.js';
import { formatDuration, formatNumber } from '../text.js';

/** What only patches have; the other options have the names, and are given by the flags, of stylize's own. */
const own = patchStyleOptionsSchema.pick({ patchLayers: true, patch: true, stride: true, rematch: true });

/** The flags for painting by patches. */
export function patchFlags(): Option[] {
  return [
    new Option('--method <name>', 'what makes the style: gram matrices, or patches (default: gram)').choices([
      'gram',
      'patches',
    ]),
    ...optionFlags(own),
  ].map((option) => option.helpGroup('By patches:'));
}

/** Flags that mean nothing to this method, beside options of stylize that are none of its own. */
const otherFlags = ['style', 'mask', 'contentMask', 'styleMask', 'trace', 'resume', 'dryRun'];

/**
 * `pastiche stylize --method patches`: every patch becomes like the painting's that is most like it.
 * @returns the exit code
 * @throws StyleError `E_ARGUMENT` for flags that only Gram matrices have, or more than two pictures
 */
export async function stylizePatches(
  pictures: readonly string[],
  flags: OptimizeFlags & Readonly<Record<string, unknown>>,
  terminal: Terminal,
): Promise<number> {
  const known = Object.keys(patchStyleOptionsSchema.shape);
  const isGiven = (name: string): boolean => flags[name] !== undefined && [flags[name]].flat().length > 0;
  const foreign = [...Object.keys(stylizeOptionsSchema.shape), ...otherFlags].find(
    (name) => !known.includes(name) && isGiven(name),
  );
  if (foreign !== undefined) {
    throw new StyleError(
      'E_ARGUMENT',
      `--method patches has no ${flagOf(foreign)}.`,
      `Leave it out, or leave out --method patches. Patches take ${known.map(flagOf).join(', ')}.`,
    );
  }
  const [content, style, ...others] = pictures;
  if (content === undefined || style === undefined || others.length > 0) {
    throw new StyleError(
      'E_ARGUMENT',
      `--method patches takes one photograph and one painting, not ${pictures.length} pictures.`,
      'Name two pictures: pastiche stylize photo.jpg painting.jpg --method patches -o out.png.',
    );
  }
  const { stylizePatchesFile } = await import('../../node.js');
  const options = givenOptions(patchStyleOptionsSchema, flags);
  const { contentWeight, totalVariationWeight } = resolvePatchStyleSettings(options);
  return runOptimization(flags, terminal, {
    terms: [
      ...(contentWeight === 0 ? [] : (['content'] as const)),
      'style',
      ...(totalVariationWeight === 0 ? [] : (['totalVariation'] as const)),
    ],
    work: (control) =>
      stylizePatchesFile({ ...optimizeOrder(flags, terminal), content, style, options, ...control }),
    text: resultText,
  });
}

function resultText({ output, width, height, iterations, seconds, losses }: StylizePatchesResult): string {
  const work = `${iterations} iterations in ${formatDuration(seconds)}`;
  return `${output}: ${width}x${height}, ${work}, content ${formatNumber(losses.content)}, patches ${formatNumber(losses.style)}\n`;
}
