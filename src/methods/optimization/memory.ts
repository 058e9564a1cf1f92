import type { Cost } from '../../graph/index.js';
import type { Size } from '../../images/image.js';
import { rasterBytes } from '../../images/raster.js';
import { rastersOf, type PictureSet } from '../method.js';
import { compactOptimizer, type OptimizerSettings } from './optimizer-settings.js';

// Fitted to the peaks of runs with the full and the quarter-width VGG-19, long sides from 160 to 1024: rather too much than too little.
/** The process before it has loaded anything: Node.js, ONNX Runtime, libvips. */
export const processBytes = 175e6;
/**
 * Copies of the constants at the worst moment of compiling (ours, the encoded file's, ONNX Runtime's), and later on. Of VGG-19, whose
 * constants outweigh its maps at 128 and 256 pixels, 4.3 were measured, and 2 to 2.5 beside the maps of 512: bench/RESULTS.md.
 */
const constantCopies = { compiling: 5.5, running: 3.5 } as const;
/** ONNX Runtime's own order and layouts need more than an ideal schedule, and its memory pool grows in powers of two. */
const scheduleOverhead = 1.1;
/** Pictures that nothing refers to any more, until they are collected. */
const garbageOverhead = 1.2;
/** Pictures that an optimiser keeps beside its pairs: points, gradients, moments, and copies in its pixel units. */
const picturesKept = { adam: 7, lbfgs: 10, bounded: 7, compact: 3 } as const;
/** Stands for the optimiser of a picture that is only measured: what it keeps are its copies on the way into a graph. */
export const noOptimizer: OptimizerSettings = { name: 'bounded', history: 0 };
/** The same where it is measured in windows: then it goes there in parts, and is copied for its margin and its flatness. */
export const measuredInWindows: OptimizerSettings = compactOptimizer;
/** Bytes of a pixel in memory, three planes of float32. */
const pixelBytes = 12;
/** Copies of the result, at its full size, while it is composed and encoded: when nothing is optimised any more. */
const resultCopies = 2.3;

/** Bytes that pictures take all the time, the process itself included. */
export function picturesMemory(pictures: PictureSet): number {
  return rastersOf(pictures).reduce((sum, picture) => sum + rasterBytes(picture), processBytes);
}

/** Bytes of a picture as floats. */
export const pictureBytes = ({ width, height }: Size): number => pixelBytes * width * height;

/** Bytes that it takes to compose and encode a result of a size, beside its sources. */
export const resultMemory = ({ width, height }: Size): number => pixelBytes * resultCopies * width * height;

/**
 * Bytes of memory that optimising a picture takes at most, beside its sources.
 * @param cost of the graphs that are in memory together
 * @param size of the picture, its margin included
 * @param steps that are made at that size: no more of them can be remembered
 */
export function optimizationMemory(
  cost: Cost,
  optimizer: OptimizerSettings,
  size: Size,
  steps = Infinity,
): number {
  const remembered = 'history' in optimizer ? Math.min(optimizer.history, steps) : 0;
  const pictures = (picturesKept[optimizer.name] + 2 * remembered) * pixelBytes * size.width * size.height;
  return graphMemory(cost, garbageOverhead * pictures);
}

/**
 * Bytes of memory that a graph takes at most.
 * @param cost of the graphs that are in memory together
 * @param besideRunning bytes of what is there while it runs, and not while it is compiled
 */
export function graphMemory(cost: Cost, besideRunning: number): number {
  const compiling = constantCopies.compiling * cost.constantBytes;
  const running =
    constantCopies.running * cost.constantBytes + scheduleOverhead * cost.peakBytes + besideRunning;
  return Math.max(compiling, running);
}
