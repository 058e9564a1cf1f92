import { basename } from 'node:path';
import { readImage } from '../images/codec.node.js';
import { estimateHarmonization } from '../methods/harmonize/estimate.js';
import { harmonize } from '../methods/harmonize/harmonize.js';
import {
  harmonizeTerms,
  resolveHarmonizeSettings,
  type HarmonizeOptions,
  type HarmonizeSettings,
} from '../methods/harmonize/options.js';
import { fittingSizeRemedy } from './memory.node.js';
import { factNumber, layersText, type Fact } from './optimization-page.node.js';
import {
  optimizeFile,
  withMachine,
  type OptimizationOrder,
  type OptimizedFile,
} from './optimize-file.node.js';
import { pictureCommand } from './shell-command.js';

/** An object in a painting file to be painted in. */
export interface HarmonizeOrder extends OptimizationOrder {
  readonly painting: string;
  /** The painting with the object pasted in, of the same size. */
  readonly composite: string;
  /** White where the object is. */
  readonly mask: string;
  readonly options?: HarmonizeOptions | undefined;
}

export interface HarmonizeFilesResult extends OptimizedFile {
  readonly painting: string;
  readonly composite: string;
  readonly mask: string;
  readonly settings: HarmonizeSettings;
}

/**
 * Makes an object that was pasted into a painting a part of it; see {@link harmonize}.
 * @returns undefined when the work was stopped before its first step; nothing is written then
 * @throws StyleError for files that can't be read or written, pictures that don't fit together, options that can't be used,
 * and too little memory
 */
export async function harmonizeFiles(order: HarmonizeOrder): Promise<HarmonizeFilesResult | undefined> {
  const started = performance.now();
  const { painting, composite, mask, options = {} } = order;
  const settings = resolveHarmonizeSettings(options);
  return withMachine(order, async (machine) => {
    const { runtime, network } = machine;
    const [image, pasted, white] = [
      await readImage(painting),
      await readImage(composite),
      await readImage(mask),
    ];
    const { plan, memoryBytes } = estimateHarmonization(image, network.weights, settings);
    const memoryRemedy = (limit: number): string =>
      fittingSizeRemedy(
        settings.size,
        (size) => estimateHarmonization(image, network.weights, { ...settings, size }).memoryBytes <= limit,
      );
    const { contentWeight, styleWeight, histogramWeight } = settings;
    const result = await optimizeFile(
      order,
      machine,
      {
        ...{ input: composite, image: pasted, plan, memoryBytes, memoryRemedy },
        terms: harmonizeTerms(settings),
        title: `${basename(composite)} harmonised`,
        sourceHeading: 'Composite',
        facts: settingsFacts(order, settings, plan.scales[0]!),
        command: harmonizeCommand(order),
        description:
          `object of ${basename(composite)} harmonised with ${basename(painting)}; network ${network.name}, ` +
          `content weight ${contentWeight}, style weight ${styleWeight}, histogram weight ${histogramWeight}`,
        run: (control) =>
          harmonize(
            runtime,
            network.weights,
            { painting: image, composite: pasted, mask: white, ...control },
            options,
          ),
      },
      started,
    );
    return result === undefined ? undefined : { ...result, painting, composite, mask, settings };
  });
}

function settingsFacts(
  { painting, mask }: HarmonizeOrder,
  settings: HarmonizeSettings,
  { width, height }: { readonly width: number; readonly height: number },
): Fact[] {
  const [coarse, fine] = settings.iterations;
  const term = (weight: number, layers: Readonly<Record<string, number>>): string =>
    weight === 0 ? 'not used' : `weight ${factNumber(weight)}, ${layersText(layers)}`;
  return [
    ['Painting', basename(painting)],
    ['Mask', `${basename(mask)}, its edge faded over ${factNumber(settings.feather)} pixels`],
    ['Colours', `smoothed over ${settings.smoothColors} pixels`],
    ['Worked at', `${width}x${height}, ${coarse} iterations in the first pass and ${fine} in the second`],
    ['Content', term(settings.contentWeight, settings.contentLayers)],
    ['Style of the first pass', term(settings.styleWeight, settings.coarseLayers)],
    [
      'Style of the second pass',
      `${term(settings.styleWeight, settings.fineLayers)}; matches of ${settings.referenceLayer}`,
    ],
    ['Histogram', term(settings.histogramWeight, settings.histogramLayers)],
    ['Total variation', `weight ${factNumber(settings.totalVariationWeight)}`],
  ];
}

/** The command line that does the same as an order. */
export function harmonizeCommand(order: HarmonizeOrder): string {
  const { painting, composite, mask, output, options = {} } = order;
  const { network, device, threads, quality, bitDepth, saveEvery, report } = order;
  return pictureCommand('harmonize', [painting, composite], output, {
    mask,
    ...options,
    ...{ network, device, threads, quality, bitDepth, saveEvery, report },
  });
}
