import type { estimateCost } from '../graph/index.js';
import type { OptimizerSettings } from './optimizer-settings.js';

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

/**
 * Bytes of memory that optimising a picture takes at most, the process itself included.
 * @param cost of the graph of the loss and its gradient
 * @param width width and height of the picture in pixels, its margin included
 */
export function optimizationMemory(
  cost: ReturnType<typeof estimateCost>,
  optimizer: OptimizerSettings,
  width: number,
  height: number,
): number {
  const history = 'history' in optimizer ? 2 * optimizer.history : 0;
  const pictures = (picturesKept[optimizer.name] + history) * 3 * width * height * 4;
  const compiling = constantCopies.compiling * cost.constantBytes;
  const running =
    constantCopies.running * cost.constantBytes +
    scheduleOverhead * cost.peakBytes +
    garbageOverhead * pictures;
  return processBytes + Math.max(compiling, running);
}
