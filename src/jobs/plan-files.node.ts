import { readImage } from '../images/codec.node.js';
import { estimateStylize, type StylizeEstimate } from '../methods/stylize/estimate.js';
import { measureSpeed, type StylizeSpeed } from '../methods/stylize/measure-speed.js';
import { countRegions } from '../methods/stylize/regions.js';
import { availableMemory } from './memory.node.js';
import { pairPictures } from './picture-pairs.node.js';
import type { RunEnvironment, StylizeOrder } from './stylize-order.js';
import { environmentOf, withSession } from './stylize-session.node.js';

/** What one photograph will take. */
export interface PlannedFile extends StylizeEstimate {
  readonly content: string;
  readonly output: string;
  readonly seconds: number;
}

export interface StylizePlan extends RunEnvironment {
  /** Whether there may be several photographs. */
  readonly batch: boolean;
  readonly pictures: readonly PlannedFile[];
  /** Bytes of memory that can be had now. */
  readonly availableBytes: number;
  /** Measured floating-point operations a second. */
  readonly operationsPerSecond: number;
}

/**
 * What an order will take, in memory and time, without doing it: the memory is computed from the graphs, the time from
 * their operations and a few steps at a small size. Writes nothing.
 * @throws StyleError for what can't be read or used; whether the results can be written is not tried
 */
export async function planFiles(order: StylizeOrder): Promise<StylizePlan> {
  const { pairs, batch } = await pairPictures(order, { makeFolder: false });
  return withSession(order, async (session) => {
    const { network, settings, options, runtime, styles, initial, masks } = session;
    const pictures: PlannedFile[] = [];
    let speed: StylizeSpeed | undefined;
    for (const pair of pairs) {
      const content = await readImage(pair.content);
      const regions = countRegions({ content, styles, ...masks }, settings);
      const estimate = estimateStylize(content, network.weights, settings, regions);
      speed ??= await measureSpeed(runtime, network.weights, options, { content, styles, initial });
      const iterating = estimate.operations / speed.operationsPerSecond;
      const seconds = iterating + estimate.plan.scales.length * speed.scaleSeconds;
      pictures.push({ ...pair, ...estimate, seconds });
    }
    const availableBytes = order.memoryLimit ?? availableMemory();
    const { operationsPerSecond } = speed!;
    return { ...environmentOf(session), batch, pictures, availableBytes, operationsPerSecond };
  });
}
