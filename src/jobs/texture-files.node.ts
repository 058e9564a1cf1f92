import { basename } from 'node:path';
import { readImage } from '../images/codec.node.js';
import { fitLongSide } from '../images/resize.js';
import { estimateTexture } from '../methods/texture/estimate.js';
import {
  reportedTextureTerms,
  resolveTextureSettings,
  type TextureOptions,
  type TextureSettings,
} from '../methods/texture/options.js';
import { synthesizeTexture } from '../methods/texture/synthesize.js';
import { fittingSizeRemedy } from './memory.node.js';
import {
  optimizeFile,
  withMachine,
  type OptimizationOrder,
  type OptimizedFile,
} from './optimize-file.node.js';
import { factNumber, layersText, scalesFact, type Fact } from './optimization-page.node.js';
import { pictureCommand } from './shell-command.js';

/** A texture to be made from a picture file. */
export interface TextureOrder extends OptimizationOrder {
  readonly sample: string;
  readonly options?: TextureOptions | undefined;
}

export interface TextureFilesResult extends OptimizedFile {
  readonly sample: string;
  readonly settings: TextureSettings;
}

/**
 * Makes a texture file from a sample; see {@link synthesizeTexture}. What can be checked is checked before the long work.
 * @returns undefined when the work was stopped before its first step; nothing is written then
 * @throws StyleError for files that can't be read or written, options that can't be used, and too little memory
 */
export async function textureFiles(order: TextureOrder): Promise<TextureFilesResult | undefined> {
  const started = performance.now();
  const { sample, options = {}, output } = order;
  const settings = resolveTextureSettings(options);
  return withMachine(order, async (machine) => {
    const { runtime, network } = machine;
    const image = await readImage(sample);
    const { plan, memoryBytes } = estimateTexture(image, network.weights, settings);
    const fitted = (longSide: number) => fitLongSide(plan.width, plan.height, longSide);
    const result = await optimizeFile(
      order,
      machine,
      {
        input: sample,
        ...{ image, plan, memoryBytes },
        memoryRemedy: (limit) =>
          fittingSizeRemedy(
            Math.max(plan.width, plan.height),
            (longSide) => {
              // Scales and their steps were made for the size that does not fit.
              const smaller = {
                ...settings,
                ...fitted(longSide),
                scales: undefined,
                iterations: undefined,
              };
              return estimateTexture(image, network.weights, smaller).memoryBytes <= limit;
            },
            (longSide) => {
              const { width, height } = fitted(longSide);
              return `${width}x${height}`;
            },
          ),
        terms: reportedTextureTerms(settings),
        title: `Texture of ${basename(sample)}`,
        sourceHeading: 'Sample',
        facts: settingsFacts(settings, plan),
        command: textureCommand(order),
        description:
          `texture of ${basename(sample)}${settings.tileable ? ', tileable' : ''}; network ${network.name}, ` +
          `histogram weight ${settings.histogramWeight}, total variation weight ${settings.totalVariationWeight}, seed ${settings.seed}`,
        run: (control) => synthesizeTexture(runtime, network.weights, image, options, control),
      },
      started,
    );
    return result === undefined ? undefined : { ...result, sample, output, settings };
  });
}

function settingsFacts(settings: TextureSettings, plan: ReturnType<typeof estimateTexture>['plan']): Fact[] {
  const { sampleWidth, sampleHeight } = plan.scales.at(-1)!;
  return [
    ['Size', `${plan.width}x${plan.height}, from a sample at ${sampleWidth}x${sampleHeight}`],
    ['Repeats', settings.tileable ? 'without a seam' : 'no'],
    scalesFact(plan.scales),
    ['Style layers', layersText(settings.styleLayers)],
    [
      'Histogram',
      settings.histogramWeight === 0
        ? 'not used'
        : `weight ${factNumber(settings.histogramWeight)}, ${layersText(settings.histogramLayers)}`,
    ],
    ['Total variation', `weight ${factNumber(settings.totalVariationWeight)}`],
    ['Seed', String(settings.seed)],
  ];
}

/** The command line that does the same as an order. */
export function textureCommand(order: TextureOrder): string {
  const {
    sample,
    output,
    options = {},
    network,
    device,
    threads,
    quality,
    bitDepth,
    saveEvery,
    report,
  } = order;
  const { width, height, projection, autoTune, ...others } = options;
  return pictureCommand('texture', [sample], output, {
    size: width === undefined || height === undefined ? undefined : `${width}x${height}`,
    ...others,
    ...(projection === undefined ? {} : { projection: projection ? 'on' : 'off' }),
    ...(autoTune === undefined ? {} : { autoTune: autoTune ? 'on' : 'off' }),
    ...{ network, device, threads, quality, bitDepth, saveEvery, report },
  });
}
