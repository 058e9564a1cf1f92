import { Option } from 'commander';
import {
  patchStyleOptionsSchema,
  patchStyleTerms,
  resolvePatchStyleSettings,
} from '../../methods/patches/options.js';
import type { StylizePatchesResult } from '../../node.js';
import { twoPictures } from '../method-flags.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { optimizeOrder, runOptimization, type OptimizeFlags } from '../optimize-command.js';
import type { Terminal } from '../terminal.js';
import { formatDuration, formatNumber } from '../text.js';

/** What only patches have; the other options have the names, and are given by the flags, of stylize's own. */
const own = patchStyleOptionsSchema.pick({
  patchLayers: true,
  colorWeight: true,
  patch: true,
  stride: true,
  rematch: true,
});

/** The flags for methods beside stylize's own. */
export function methodFlags(): Option[] {
  return [
    new Option(
      '--method <name>',
      'what makes the style: gram matrices, patches, or harmonize, for an object pasted into a painting (default: gram)',
    ).choices(['gram', 'patches', 'harmonize']),
    ...optionFlags(own),
  ].map((option) => option.helpGroup('Other methods:'));
}

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
  const [content, style] = twoPictures('patches', patchStyleOptionsSchema, [], pictures, flags);
  const { stylizePatchesFile } = await import('../../node.js');
  const options = givenOptions(patchStyleOptionsSchema, flags);
  return runOptimization(flags, terminal, {
    terms: patchStyleTerms(resolvePatchStyleSettings(options)),
    work: (control) =>
      stylizePatchesFile({ ...optimizeOrder(flags, terminal), content, style, options, ...control }),
    text: resultText,
  });
}

function resultText({ output, width, height, iterations, seconds, losses }: StylizePatchesResult): string {
  const work = `${iterations} iterations in ${formatDuration(seconds)}`;
  return `${output}: ${width}x${height}, ${work}, content ${formatNumber(losses.content)}, patches ${formatNumber(losses.style)}\n`;
}
