import { basename } from 'node:path';
import { readImage } from '../images/codec.node.js';
import { estimatePatchMemory } from '../methods/patches/estimate.js';
import {
  patchStyleTerms,
  resolvePatchStyleSettings,
  type PatchStyleOptions,
  type PatchStyleSettings,
} from '../methods/patches/options.js';
import { planPatchScales, stylizeByPatches } from '../methods/patches/stylize-by-patches.js';
import {
  optimizeFile,
  withMachine,
  type OptimizationOrder,
  type OptimizedFile,
} from './optimize-file.node.js';
import { factNumber, layersText, scalesFact } from './optimization-page.node.js';
import { pictureCommand } from './shell-command.js';

/** A photograph to be repainted by the patches of a painting. */
export interface StylizePatchesOrder extends OptimizationOrder {
  readonly content: string;
  readonly style: string;
  readonly options?: PatchStyleOptions | undefined;
}

export interface StylizePatchesResult extends OptimizedFile {
  readonly content: string;
  readonly style: string;
  readonly settings: PatchStyleSettings;
}

/**
 * Repaints a picture file by patches; see {@link stylizeByPatches}.
 * @returns undefined when the work was stopped before its first step; nothing is written then
 * @throws StyleError for files that can't be read or written, options that can't be used, and too little memory
 */
export async function stylizePatchesFile(
  order: StylizePatchesOrder,
): Promise<StylizePatchesResult | undefined> {
  const started = performance.now();
  const { content, style, options = {} } = order;
  const settings = resolvePatchStyleSettings(options);
  return withMachine(order, async (machine) => {
    const { runtime, network } = machine;
    const [photograph, painting] = await Promise.all([readImage(content), readImage(style)]);
    const { scales, result: size } = planPatchScales(photograph, settings);
    const { contentWeight, totalVariationWeight } = settings;
    const title = `${basename(content)} after ${basename(style)}, by patches`;
    const result = await optimizeFile(
      order,
      machine,
      {
        ...{ input: content, image: photograph, title },
        plan: { scales, width: size.width, height: size.height },
        memoryBytes: estimatePatchMemory(scales.at(-1)!, network.weights, settings),
        memoryRemedy: () => 'Use a smaller --size, close other programs, or use a smaller network.',
        terms: patchStyleTerms(settings),
        sourceHeading: 'Photograph',
        facts: [
          ['Painting', basename(style)],
          scalesFact(scales),
          [
            'Patches',
            `${settings.patch}x${settings.patch} at ${layersText(settings.patchLayers)}, matched anew every ${settings.rematch} steps`,
          ],
          ['Margin', `${settings.margin} pixels of mirror image`],
          ['Colours of patches', `weight ${factNumber(settings.colorWeight)}`],
          ['Content', `weight ${factNumber(contentWeight)}, ${layersText(settings.contentLayers)}`],
          ['Total variation', `weight ${factNumber(totalVariationWeight)}`],
        ],
        command: stylizePatchesCommand(order),
        description: `${title}; network ${network.name}, content weight ${contentWeight}`,
        run: ({ signal, onProgress }) =>
          stylizeByPatches(
            runtime,
            network.weights,
            { content: photograph, style: painting, signal, onProgress },
            options,
          ),
      },
      started,
    );
    return result === undefined ? undefined : { ...result, content, style, settings };
  });
}

/** The command line that does the same as an order. */
export function stylizePatchesCommand(order: StylizePatchesOrder): string {
  const { content, style, output, options = {}, network, device, threads } = order;
  const { quality, bitDepth, saveEvery, report } = order;
  return pictureCommand('stylize', [content, style], output, {
    ...{ method: 'patches', ...options, network, device, threads, quality, bitDepth, saveEvery, report },
  });
}
