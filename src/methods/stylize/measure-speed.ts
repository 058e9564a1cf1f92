import type { Image } from '../../images/image.js';
import { fitLongSide } from '../../images/resize.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Runtime } from '../../runtime/runtime.js';
import { estimateStylize } from './estimate.js';
import type { StylizeOptions } from './options.js';
import { Stylizer } from './stylizer.js';

/** What a machine does with a stylisation of given settings. */
export interface StylizeSpeed {
  /** Floating-point operations a second while it iterates, to go with the operations of `estimateStylize`. */
  readonly operationsPerSecond: number;
  /** Seconds before the first step of a scale: targets, compilation. */
  readonly scaleSeconds: number;
}

/** Long side of the measured work: small enough to be quick, large enough to keep the machine busy. */
const longSide = 192;
/** Steps that are done, and those at the beginning that are slower and don't count. */
const steps = { all: 5, warmUp: 2 } as const;

/** Measures how fast this machine is, by some steps of the work itself at a small size. */
export async function measureSpeed(
  runtime: Runtime,
  weights: VggWeights,
  options: StylizeOptions,
  pictures: {
    readonly content: Image;
    readonly styles: readonly Image[];
    readonly initial?: Image | undefined;
  },
): Promise<StylizeSpeed> {
  const { content } = pictures;
  const size = Math.min(longSide, Math.max(content.width, content.height));
  const small = { ...options, size, scales: [size], iterations: steps.all };
  const stylizer = new Stylizer(runtime, weights, small);
  const times: number[] = [];
  const started = performance.now();
  let firstStep = started;
  try {
    await stylizer.stylize({
      ...pictures,
      onProgress: (event) => {
        if (event.type === 'iteration') times.push(event.milliseconds);
        else if (event.stage === 'optimize') firstStep = performance.now();
      },
    });
  } finally {
    await stylizer.dispose();
  }
  // What else the machine does now and then slows single steps down.
  const counted = times.slice(Math.min(steps.warmUp, times.length - 1)).sort((a, b) => a - b);
  const typical = counted[Math.floor(counted.length / 2)]! / 1000;
  const { width, height } = fitLongSide(content.width, content.height, size);
  const { operations } = estimateStylize({ width, height }, weights, stylizer.settings);
  return {
    operationsPerSecond: operations / steps.all / typical,
    scaleSeconds: (firstStep - started) / 1000,
  };
}
