import { basename } from 'node:path';
import { checkWritable, readImage, writeImage } from '../images/codec.node.js';
import { createImage } from '../images/image.js';
import { resizeImage } from '../images/resize.js';
import { estimateReconstruction, type ReconstructEstimate } from '../methods/reconstruct/estimate.js';
import {
  reconstructionFigure,
  reconstructionLevels,
  type FigurePart,
} from '../methods/reconstruct/levels.js';
import {
  resolveReconstructSettings,
  type ReconstructOptions,
  type ReconstructSettings,
} from '../methods/reconstruct/options.js';
import { planReconstruction, reconstruct } from '../methods/reconstruct/reconstruct.js';
import type { Losses } from '../progress.js';
import { packageVersion } from '../version.node.js';
import { checkMemory, fittingSizeRemedy, type MemoryNeed } from './memory.node.js';
import {
  machineFacts,
  optimizeFile,
  withMachine,
  type Machine,
  type MachineFacts,
  type OptimizationOrder,
  type OptimizedFile,
} from './optimize-file.node.js';
import { factNumber, scalesFact } from './optimization-page.node.js';
import { encodingOf } from './picture-encoding.js';
import { pictureCommand } from './shell-command.js';

/** A reconstruction of a picture file from what a layer knows of it. */
export interface ReconstructOrder extends OptimizationOrder {
  readonly picture: string;
  readonly options?: ReconstructOptions | undefined;
}

export interface ReconstructFilesResult extends OptimizedFile {
  readonly picture: string;
  readonly settings: ReconstructSettings;
}

/**
 * Reconstructs a picture file from one layer; see {@link reconstruct}.
 * @returns undefined when the work was stopped before its first step; nothing is written then
 * @throws StyleError for files that can't be read or written, options that can't be used, and too little memory
 */
export async function reconstructFiles(order: ReconstructOrder): Promise<ReconstructFilesResult | undefined> {
  const started = performance.now();
  const { picture, options = {} } = order;
  const settings = resolveReconstructSettings(options);
  return withMachine(order, async (machine) => {
    const { runtime, network } = machine;
    const image = await readImage(picture);
    const { layer, from, seed, totalVariationWeight } = settings;
    const result = await optimizeFile(
      order,
      machine,
      {
        ...{ input: picture, image, ...memoryOf(machine, image, settings) },
        terms: [from, ...(totalVariationWeight === 0 ? [] : (['totalVariation'] as const))],
        title: `${basename(picture)} from ${from} at ${layer}`,
        sourceHeading: 'Picture',
        facts: [
          scalesFact(planReconstruction(image, settings).scales),
          ['Known', from === 'content' ? `features at ${layer}` : `Gram matrices up to ${layer}`],
          ['Total variation', `weight ${factNumber(totalVariationWeight)}`],
          ['Seed', String(seed)],
        ],
        command: reconstructCommand(order),
        description: `${basename(picture)} reconstructed from ${from} at ${layer}; network ${network.name}, seed ${seed}`,
        run: (control) => reconstruct(runtime, network.weights, image, options, control),
      },
      started,
    );
    return result === undefined ? undefined : { ...result, picture, settings };
  });
}

/** The figure of all levels. */
export interface ReconstructAllOrder extends Omit<ReconstructOrder, 'saveEvery' | 'report' | 'options'> {
  readonly options?: Omit<ReconstructOptions, 'layer' | 'from'> | undefined;
}

export interface ReconstructAllResult extends MachineFacts {
  readonly picture: string;
  readonly output: string;
  readonly width: number;
  readonly height: number;
  /** `cancelled`: reconstructions are missing, and the last one is not finished. */
  readonly stopped: 'finished' | 'cancelled' | 'diverged';
  readonly reconstructions: readonly {
    readonly from: 'content' | 'style';
    readonly layer: string;
    readonly losses: Losses;
    readonly iterations: number;
  }[];
  readonly seconds: number;
}

/**
 * Makes one labelled sheet of content and style reconstructions at all five levels (Gatys, Ecker and Bethge 2016, figure 1).
 * @returns undefined when the work was stopped before its first step; nothing is written then
 * @throws StyleError for files that can't be read or written, options that can't be used, and too little memory
 */
export async function reconstructAllFiles(
  order: ReconstructAllOrder,
): Promise<ReconstructAllResult | undefined> {
  const started = performance.now();
  const { picture, output, options = {}, signal } = order;
  resolveReconstructSettings(options);
  return withMachine(order, async (machine) => {
    const { runtime, network } = machine;
    const image = await readImage(picture);
    const levels = reconstructionLevels(network.weights);
    const wanted = levels.flatMap(({ content, style }) => [
      { from: 'content', layer: content } as const,
      { from: 'style', layer: style } as const,
    ]);
    for (const one of wanted) {
      const settings = resolveReconstructSettings({ ...options, ...one });
      checkMemory(memoryOf(machine, image, settings), order.memoryLimit);
    }
    const parts: (FigurePart & ReconstructAllResult['reconstructions'][number])[] = [];
    let stopped: ReconstructAllResult['stopped'] = 'finished';
    for (const [index, one] of wanted.entries()) {
      const own = { ...options, ...one };
      const plan = planReconstruction(image, resolveReconstructSettings(own));
      order.onProgress?.({
        type: 'picture',
        index,
        count: wanted.length,
        content: `${one.from} ${one.layer}`,
        plan,
      });
      const result = await reconstruct(runtime, network.weights, image, own, {
        signal,
        onProgress: (event) => order.onProgress?.(event),
      });
      if (result.iterations > 0) parts.push({ ...one, ...result });
      if (result.stopped !== 'finished') stopped = result.stopped;
      if (stopped === 'cancelled') break;
    }
    if (parts.length === 0) return undefined;
    const { width, height } = parts[0]!.image;
    const small = resizeImage(createImage(image.width, image.height, image.rgb), width, height);
    const sheet = reconstructionFigure(small, levels, parts);
    const encoding = encodingOf(order);
    await checkWritable(output, encoding, sheet);
    const description = `what the layers of ${network.name} know of ${basename(picture)}`;
    await writeImage(output, sheet, {
      ...encoding,
      metadata: { software: `Pastiche ${packageVersion}`, description },
    });
    const reconstructions = parts.map(({ from, layer, losses, iterations }) => ({
      from,
      layer,
      losses,
      iterations,
    }));
    const seconds = (performance.now() - started) / 1000;
    return {
      ...{ picture, output, width: sheet.width, height: sheet.height, stopped, reconstructions, seconds },
      ...machineFacts(machine),
    };
  });
}

/** The size that a reconstruction is worked at, the memory that it takes, and the remedy where that is too much. */
function memoryOf(
  { network }: Machine,
  image: { readonly width: number; readonly height: number },
  settings: ReconstructSettings,
): MemoryNeed & ReconstructEstimate {
  const estimate = estimateReconstruction(image, network.weights, settings);
  const memoryRemedy = (limit: number): string =>
    fittingSizeRemedy(
      Math.max(estimate.plan.width, estimate.plan.height),
      (size) => estimateReconstruction(image, network.weights, { ...settings, size }).memoryBytes <= limit,
    );
  return { ...estimate, memoryRemedy };
}

/** The command line that does the same as an order. */
export function reconstructCommand(order: ReconstructOrder): string {
  const {
    picture,
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
  const { projection, ...others } = options;
  return pictureCommand('reconstruct', [picture], output, {
    ...others,
    ...(projection === undefined ? {} : { projection: projection ? 'on' : 'off' }),
    ...{ network, device, threads, quality, bitDepth, saveEvery, report },
  });
}
