import { basename } from 'node:path';
import { checkWritable, readImage, writeImage } from '../images/codec.node.js';
import type { ImageMetadata } from '../images/codec.js';
import { estimateStylize, type StylizeEstimate } from '../methods/stylize/estimate.js';
import { resolveStylizeSettings } from '../methods/stylize/options.js';
import { countRegions } from '../methods/stylize/regions.js';
import type { Stylizer, StylizeProgress, StylizeResult } from '../methods/stylize/stylizer.js';
import type { Image } from '../images/image.js';
import { replaceFile } from '../replace-file.node.js';
import { packageVersion } from '../version.node.js';
import { availableMemory, checkMemory, fittingSizeRemedy } from './memory.node.js';
import { encodingOf } from './picture-encoding.js';
import type { PicturePair } from './picture-pairs.node.js';
import type { StylizedFile, StylizeOrder } from './stylize-order.js';
import { stylizePage } from './stylize-page.node.js';
import { StylizeRecorder } from './stylize-recorder.node.js';
import { environmentOf, type StylizeSession } from './stylize-session.node.js';
import { encodeTrace } from './trace.js';

/** One photograph of an order, and its place in it. */
export interface Turn extends PicturePair {
  readonly index: number;
  readonly count: number;
}

/** With the graphs of other sizes kept, the work takes up to this many times the memory. */
const keptGraphsFactor = 2.5;

const memoryLimit = (order: StylizeOrder): number => order.memoryLimit ?? availableMemory();

/**
 * Does one photograph: reads, checks, stylises, writes the picture and what else was asked for.
 * @returns undefined when the work was stopped before its first step; nothing is written then
 */
export async function stylizePicture(
  order: StylizeOrder,
  turn: Turn,
  session: StylizeSession,
  stylizer: Stylizer,
): Promise<StylizedFile | undefined> {
  const started = performance.now();
  const { content: path, output } = turn;
  const content = await readImage(path);
  const { plan, memoryBytes } = await begin(order, turn, session, content);
  const environment = environmentOf(session);
  const tell = (event: Parameters<NonNullable<StylizeOrder['onProgress']>>[0]): void =>
    order.onProgress?.(event);
  const recorder = new StylizeRecorder(output, encodingOf(order), order.saveEvery, tell);
  const { styles, initial, masks, resume } = session;
  const page =
    order.report === undefined
      ? undefined
      : stylizePage({
          ...{ path: order.report, order, environment, plan, content, contentName: path, styles, masks },
        });
  const onProgress = (event: StylizeProgress): void => {
    if (event.type === 'iteration') {
      recorder.take(event);
      page?.take(event);
    }
    tell(event);
  };
  try {
    const { signal } = order;
    const keepGraphs = turn.count > 1 && keptGraphsFactor * memoryBytes < memoryLimit(order);
    const work = { content, styles, initial, ...masks, resume, signal, onProgress, keepGraphs };
    const result = await stylizer.stylize(work);
    await recorder.settle();
    if (result.stopped === 'cancelled' && result.iterations === 0) {
      await page?.discard();
      return undefined;
    }
    const metadata = describe(order, turn, session, result);
    await writeImage(output, result.image, { ...encodingOf(order), metadata });
    const state = await concludeState(recorder, order, result);
    const seconds = (performance.now() - started) / 1000;
    await page?.finish(result, basename(output), seconds);
    if (order.trace !== undefined) {
      const trace = encodeTrace({ ...order, content: path, output }, environment, result, seconds);
      await replaceFile(order.trace, Buffer.from(trace));
    }
    const { width, height } = result.image;
    const { stopped, losses, iterations, evaluations, curve } = result;
    const { intermediates } = recorder;
    const picture = { content: path, output, width, height, seconds, state, intermediates };
    return { ...picture, stopped, losses, iterations, evaluations, curve };
  } catch (error) {
    await recorder.settle();
    await page?.discard();
    throw error;
  }
}

/** Checks that the picture can be written and that the memory suffices, and tells that its turn begins. */
async function begin(
  order: StylizeOrder,
  turn: Turn,
  { network, settings, options, styles, masks }: StylizeSession,
  content: Image,
): Promise<StylizeEstimate> {
  const regions = countRegions({ content, styles, ...masks }, settings);
  const estimate = estimateStylize(content, network.weights, settings, regions);
  await checkWritable(turn.output, encodingOf(order), estimate.plan);
  const { plan } = estimate;
  const { width, height } = plan.scales.at(-1)!;
  const memoryRemedy = (limit: number): string =>
    fittingSizeRemedy(Math.max(width, height), (size) => {
      // Scales and their steps were made for the size that does not fit.
      const smaller = resolveStylizeSettings({ ...options, size, scales: undefined, iterations: undefined });
      return estimateStylize(content, network.weights, smaller, regions).memoryBytes <= limit;
    });
  checkMemory({ ...estimate, memoryRemedy }, memoryLimit(order));
  order.onProgress?.({ type: 'picture', ...turn, plan, estimate });
  return estimate;
}

async function concludeState(
  recorder: StylizeRecorder,
  order: StylizeOrder,
  { stopped, state }: StylizeResult,
): Promise<string | undefined> {
  if (stopped === 'cancelled') return recorder.keep(state);
  if (stopped === 'finished') await recorder.finish(order.resume);
  return undefined;
}

/** What the file says of how it was made: file names without their folders, which are nobody else's business. */
function describe(
  order: StylizeOrder,
  { content }: Turn,
  { settings, network }: StylizeSession,
  { iterations }: StylizeResult,
): ImageMetadata {
  const names = order.styles.map((style) => basename(style)).join(', ');
  const { preset, contentWeight, styleWeight, totalVariationWeight, seed } = settings;
  const weights = `content ${contentWeight}, style ${styleWeight}, total variation ${totalVariationWeight}`;
  const how = `preset ${preset}, network ${network.name}, ${iterations} iterations, weights ${weights}, seed ${seed}`;
  return {
    software: `Pastiche ${packageVersion}`,
    description: `${basename(content)} after ${names}; ${how}`,
  };
}
