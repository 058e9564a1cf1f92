import { readImage } from '../images/codec.node.js';
import { fitLongSide } from '../images/resize.js';
import { estimateStylize, type StylizeEstimate } from '../methods/stylize/estimate.js';
import { measureSpeed } from '../methods/stylize/measure-speed.js';
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

/** Long side of the picture with which the machine's speed is measured. */
const measuredLongSide = 192;

/**
 * What an order will take, in memory and time, without doing it: the memory is computed from the graphs, the time from
 * their operations and a short measurement of this machine. Writes nothing.
 * @throws StyleError for what can't be read or used; whether the results can be written is not tried
 */
export async function planFiles(order: StylizeOrder): Promise<StylizePlan> {
  const { pairs, batch } = await pairPictures(order, { makeFolder: false });
  return withSession(order, async (session) => {
    const { network, settings, runtime } = session;
    const estimates = [];
    for (const pair of pairs) {
      const content = await readImage(pair.content);
      estimates.push({ ...pair, ...estimateStylize(content, network.weights, settings) });
    }
    const first = estimates[0]!.plan.scales.at(-1)!;
    const longSide = Math.min(measuredLongSide, Math.max(first.width, first.height));
    const size = fitLongSide(first.width, first.height, longSide);
    const operationsPerSecond = await measureSpeed(runtime, network.weights, settings, size);
    return {
      ...environmentOf(session),
      batch,
      pictures: estimates.map((estimate) => ({
        ...estimate,
        seconds: estimate.operations / operationsPerSecond,
      })),
      availableBytes: order.memoryLimit ?? availableMemory(),
      operationsPerSecond,
    };
  });
}
