import { estimateCost } from '../../graph/index.js';
import type { Image } from '../../images/image.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { StylizeSettings } from './options.js';
import { pictureLoss } from './picture-loss.js';
import { canvasSize, planScales, type ScalePlan } from './scales.js';

/** What a stylisation will take, before any of it is done. */
export interface StylizeEstimate {
  readonly plan: ScalePlan;
  /** Bytes of memory at the largest scale, the process itself included. */
  readonly memoryBytes: number;
  /** Floating-point operations of all steps together. */
  readonly operations: number;
}

// Fitted to the peaks of runs with the full and the quarter-width VGG-19, long sides from 160 to 1024: rather too much than too little.
/** The process before it has loaded anything of the work: Node.js, ONNX Runtime, libvips. */
const processBytes = 175e6;
/** Copies of the constants at the worst moment of compiling (ours, the encoded file's, ONNX Runtime's), and later on. */
const constantCopies = { compiling: 7.6, running: 5 } as const;
/** ONNX Runtime's own order and layouts need more than an ideal schedule, and its memory pool grows in powers of two. */
const scheduleOverhead = 1.65;
/** Pictures that nothing refers to any more, until they are collected. */
const garbageOverhead = 1.2;
/** Pictures that an optimiser keeps: the point, its gradient, the best so far, moments or pairs of differences. */
const picturesKept = { adam: 8, lbfgs: 8, bounded: 8 } as const;

/** Estimates memory and work of a stylisation from its graphs. */
export function estimateStylize(
  content: Pick<Image, 'width' | 'height'>,
  weights: VggWeights,
  settings: StylizeSettings,
): StylizeEstimate {
  const plan = planScales(content, settings);
  const { optimizer } = settings;
  const history = 'history' in optimizer ? 2 * optimizer.history : 0;
  let operations = 0;
  let memoryBytes = 0;
  for (const scale of plan.scales) {
    const { width, height } = canvasSize(scale);
    const cost = estimateCost(pictureLoss(weights, settings, width, height));
    operations += cost.operations * scale.iterations;
    const pictures = (picturesKept[optimizer.name] + history) * 3 * width * height * 4;
    const compiling = constantCopies.compiling * cost.constantBytes;
    const running =
      constantCopies.running * cost.constantBytes +
      scheduleOverhead * cost.peakBytes +
      garbageOverhead * pictures;
    memoryBytes = Math.max(memoryBytes, processBytes + Math.max(compiling, running));
  }
  return { plan, memoryBytes, operations };
}
