import { Command, Option } from 'commander';
import { StyleError } from '../../errors.js';
import {
  reportedTextureTerms,
  resolveTextureSettings,
  textureOptionsSchema,
  type TextureOptions,
} from '../../methods/texture/options.js';
import type { TextureFilesResult } from '../../node.js';
import { givenOptions, optionFlags } from '../option-flags.js';
import { optimizeFlags, optimizeOrder, runOptimization, type OptimizeFlags } from '../optimize-command.js';
import { processTerminal, type Terminal } from '../terminal.js';
import { formatDuration, formatNumber } from '../text.js';

/** Options with flags of another form than their schema gives. */
const special = { width: true, height: true, tileable: true } as const;
const plain = textureOptionsSchema.omit(special);

interface TextureFlags extends OptimizeFlags {
  readonly size?: { readonly width: number; readonly height: number };
  readonly tileable?: boolean;
}

const notes = `
Examples:
  $ pastiche texture painting.jpg -o out.png --size 512x512
  $ pastiche texture painting.jpg -o tile.png --size 256x256 --tileable
  $ pastiche texture painting.jpg -o out.png --size 1024x512 --histogram-weight 0.1 --report out.html

Ctrl-C ends the work after the current step and saves the best texture so far; a second Ctrl-C quits at once.
Exit codes: 0 done, 1 the loss was no longer a number, 2 something could not be used, 130 Ctrl-C.`;

/**
 * The command `pastiche texture`: a texture of any size from a sample.
 * @param terminal the process's own unless given
 */
export function textureCommand(terminal: Terminal = processTerminal): Command {
  const command = new Command('texture')
    .description('make a texture of any size that looks like a sample everywhere')
    .argument('<sample>', 'the picture to take the texture from')
    .addOption(
      new Option(
        '--size <WxH>',
        "width and height in pixels, such as 512x512; without it the sample's",
      ).argParser(parseSize),
    )
    .addOption(new Option('--tileable', 'make a texture that repeats without a seam'));
  for (const option of [...optionFlags(plain), ...optimizeFlags()]) command.addOption(option);
  return command
    .addHelpText('after', notes)
    .action(async (sample: string, flags: TextureFlags & Record<string, unknown>) => {
      const { textureFiles } = await import('../../node.js');
      const { size, tileable } = flags;
      const options: TextureOptions = {
        ...givenOptions(plain, flags),
        ...(size ?? {}),
        ...(tileable === undefined ? {} : { tileable }),
      };
      process.exitCode = await runOptimization(flags, terminal, {
        terms: reportedTextureTerms(resolveTextureSettings(options)),
        work: (control) => textureFiles({ ...optimizeOrder(flags, terminal), sample, options, ...control }),
        text: resultText,
      });
    });
}

/** @throws StyleError `E_ARGUMENT` for anything but two whole numbers with an x between */
function parseSize(text: string): { width: number; height: number } {
  const found = /^(\d{1,5})x(\d{1,5})$/i.exec(text.trim());
  const [width, height] = [Number(found?.[1]), Number(found?.[2])];
  if (width >= 1 && height >= 1) return { width, height };
  throw new StyleError(
    'E_ARGUMENT',
    `--size can't be ${JSON.stringify(text)}.`,
    'It takes width and height in pixels with an x between, such as 512x512.',
  );
}

function resultText({ output, width, height, iterations, seconds, losses }: TextureFilesResult): string {
  const work = `${iterations} iterations in ${formatDuration(seconds)}`;
  return `${output}: ${width}x${height}, ${work}, style ${formatNumber(losses.style)}\n`;
}
