import { Command, Option } from 'commander';
import { colorMatchingOptionsSchema, type ColorMatchingOptions } from '../../images/color-matching.js';
import type { MatchColorsResult } from '../../node.js';
import { wholeNumber } from '../option-values.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { processTerminal, type Terminal } from '../terminal.js';
import { formatNumber } from '../text.js';

interface MatchColorsFlags extends ColorMatchingOptions {
  readonly output: string;
  readonly quality?: number;
  readonly bitDepth?: '8' | '16';
  readonly json?: boolean;
}

const notes = `
Examples:
  $ pastiche match-colors photo.jpg painting.jpg -o out.png
  $ pastiche match-colors painting.jpg photo.jpg -o out.png --mode luminance
  $ pastiche match-colors photo.jpg painting.jpg -o out.png --mode histogram --strength 0.5

The picture keeps its size and its transparency. What is wholly transparent counts in neither picture.
Ctrl-C ends it at once, and nothing is written. Exit codes: 0 done, 2 something could not be used.`;

/**
 * The command `pastiche match-colors`: a picture with another's colours.
 * @param terminal the process's own unless given
 */
export function matchColorsCommand({ stdout }: Terminal = processTerminal): Command {
  const command = new Command('match-colors')
    .description("give a picture another picture's colours")
    .argument('<picture>', 'the picture to change')
    .argument('<reference>', 'the picture whose colours it gets')
    .requiredOption('-o, --output <file>', 'the file to write; its suffix says the format');
  for (const option of optionFlags(colorMatchingOptionsSchema)) command.addOption(option);
  return command
    .addOption(wholeNumber('--quality', 'quality of JPEG, WebP and AVIF', 1, 100))
    .addOption(
      new Option('--bit-depth <bits>', 'bits per channel; 16 for PNG and TIFF (default: 8)').choices([
        '8',
        '16',
      ]),
    )
    .option('--json', 'print one JSON object')
    .addHelpText('after', notes)
    .action(async (picture: string, reference: string, flags: MatchColorsFlags) => {
      const { output, quality, bitDepth, json } = flags;
      const options: ColorMatchingOptions = givenOptions(colorMatchingOptionsSchema, { ...flags });
      const { matchColorsFiles } = await import('../../node.js');
      const result = await matchColorsFiles({
        ...{ picture, reference, output, options, quality },
        bitDepth: bitDepth === undefined ? undefined : (Number(bitDepth) as 8 | 16),
      });
      stdout.write(json === true ? `${JSON.stringify(result)}\n` : resultText(result));
    });
}

function resultText({ output, width, height, reference, seconds }: MatchColorsResult): string {
  return `${output}: ${width}x${height}, with the colours of ${reference}, in ${formatNumber(seconds)} s\n`;
}
