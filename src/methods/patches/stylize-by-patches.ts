import { createImage, type Image } from '../../images/image.js';
import { addMirroredMargin } from '../../images/margin.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { runOnce, type OutputValues, type Program, type Runtime } from '../../runtime/runtime.js';
import { optimizeScale, type CurvePoint, type ScaleOutcome } from '../optimize-scale.js';
import type { OptimizationControl, OptimizedPicture } from '../optimize-scales.js';
import { pictureInput } from '../picture-input.js';
import { objectiveOf } from '../picture-objective.js';
import { shareIterations } from '../share-iterations.js';
import { resolvePatchStyleSettings, type PatchStyleOptions, type PatchStyleSettings } from './options.js';
import { PatchFinder } from './patch-finder.js';
import { patchPictureLoss, pictureMaps } from './patch-picture-loss.js';

/** What one picture is made of. */
export interface PatchStyleInput extends OptimizationControl {
  readonly content: Image;
  /** The painting that the patches come from. */
  readonly style: Image;
}

/**
 * The picture has the photograph's transparency. Losses are those against the matches of the last round; in the curve, the
 * style's falls by itself where patches found new matches.
 */
export interface PatchStyleResult extends OptimizedPicture {
  readonly settings: PatchStyleSettings;
}

/** One step of coarse to fine. */
export interface PatchScale {
  readonly width: number;
  readonly height: number;
  /** Mirror image around the picture, in pixels on each side. */
  readonly margin: number;
  readonly iterations: number;
}

/**
 * Repaints a photograph after a painting patch by patch: every patch of its features becomes like the painting's patch that
 * is most like it, so that what is painted where follows from what is there (Li and Wand 2016, "Combining Markov Random
 * Fields and Convolutional Neural Networks for Image Synthesis").
 *
 * Coarse to fine from the photograph. At each scale it goes in rounds: patches look for their matches, then the picture is
 * optimised while the matches stay. Where the paper looks for them at every step this takes a fraction of the time, and
 * within a round the loss is one function, which the optimiser's memory of it needs. Ours too: losses relative to their
 * targets; the pixels of the matched patches as one more layer, against coloured grain (see `patchPictureLoss`);
 * a margin of mirror image, against frames; no rotated or resized copies of the painting.
 * @param runtime stays the caller's, who disposes it
 * @throws StyleError `E_ARGUMENT` for an option that can't be used, `E_LAYER` for a layer that the network doesn't have,
 * `E_IMAGE_SIZE` when a picture is too small for the layers
 */
export async function stylizeByPatches(
  runtime: Runtime,
  weights: VggWeights,
  work: PatchStyleInput,
  options: PatchStyleOptions = {},
): Promise<PatchStyleResult> {
  const settings = resolvePatchStyleSettings(options);
  const { content } = work;
  const { scales, result } = planPatchScales(content, settings);
  const total = scales.reduce((sum, { iterations }) => sum + iterations, 0);
  const started = performance.now();
  const curve: CurvePoint[] = [];
  let evaluations = 0;
  let picture = content;
  let outcome: ScaleOutcome | undefined;
  for (const [index, scale] of scales.entries()) {
    const { width, height, margin } = scale;
    const canvas = patchCanvas(scale);
    const stage = (name: 'targets' | 'compile' | 'optimize'): void =>
      work.onProgress?.({ type: 'stage', stage: name, scale: index, scales: scales.length, width, height });
    stage('targets');
    const photograph = addMirroredMargin(resizeImage(content, width, height), margin);
    const style = styleAt(work.style, Math.max(width, height) * settings.styleScale);
    const contentTargets = await mapsOnce(runtime, weights, settings, photograph);
    const finder = await PatchFinder.create(runtime, weights, settings, style, canvas);
    stage('compile');
    let program: Program | undefined;
    try {
      program = await runtime.compile(patchPictureLoss(weights, settings, canvas));
      await program.bind(contentTargets);
      const objective = objectiveOf(program);
      let start = addMirroredMargin(resizeImage(picture, width, height), margin);
      const before = scales.slice(0, index).reduce((sum, { iterations }) => sum + iterations, 0);
      for (let done = 0; done < scale.iterations; done += settings.rematch) {
        stage('targets');
        await program.bind(await finder.targets(start.rgb));
        stage('optimize');
        outcome = await optimizeScale({
          objective,
          settings: { optimizer: settings.optimizer, pixelUnit: [1, 1, 1], average: 0 },
          start,
          margin,
          scale: index,
          scales: scales.length,
          steps: Math.min(settings.rematch, scale.iterations - done),
          done: before + done,
          total,
          curve,
          elapsed: () => performance.now() - started,
          resume: undefined,
          signal: work.signal,
          onProgress: (event) => work.onProgress?.(event),
        });
        evaluations += outcome.evaluations;
        picture = outcome.image;
        start = createImage(canvas.width, canvas.height, outcome.state.variable);
        if (outcome.stopped !== 'finished') break;
      }
    } finally {
      await program?.dispose();
      await finder.dispose();
    }
    if (outcome!.stopped !== 'finished') break;
  }
  const { rgb } = resizeImage(picture, result.width, result.height);
  const { alpha } = resizeImage(content, result.width, result.height);
  const { stopped, losses } = outcome!;
  return {
    image: createImage(result.width, result.height, rgb, alpha),
    ...{ stopped, losses, iterations: curve.length, evaluations, curve, settings },
  };
}

/** The sizes to work at. Scales larger than the result are left out; the result's own size takes the place of the first. */
export function planPatchScales(
  content: Image,
  settings: PatchStyleSettings,
): { scales: PatchScale[]; result: { width: number; height: number } } {
  const target = settings.size ?? Math.max(content.width, content.height);
  const kept = settings.scales.filter((side) => side < target);
  const longSides = kept.length < settings.scales.length ? [...kept, target] : kept;
  const given = settings.iterations;
  const own = longSides.map((_, index) => (typeof given === 'number' ? 1 : given[index]!));
  const iterations = typeof given === 'number' ? shareIterations(given, own) : own;
  const fitted = (longSide: number): { width: number; height: number } =>
    fitLongSide(content.width, content.height, longSide);
  const scales = longSides.map((longSide, index) => {
    const { width, height } = fitted(longSide);
    // A mirror can't show more than there is.
    const margin = Math.min(settings.margin, width - 1, height - 1);
    return { width, height, margin, iterations: iterations[index]! };
  });
  return { scales, result: settings.size === undefined ? content : fitted(target) };
}

/** The size that is worked at: the picture with its margin. */
export function patchCanvas({ width, height, margin }: Omit<PatchScale, 'iterations'>): {
  width: number;
  height: number;
} {
  return { width: width + 2 * margin, height: height + 2 * margin };
}

function styleAt(style: Image, longSide: number): Image {
  const { width, height } = fitLongSide(style.width, style.height, Math.max(1, Math.round(longSide)));
  return resizeImage(style, width, height);
}

async function mapsOnce(
  runtime: Runtime,
  weights: VggWeights,
  settings: PatchStyleSettings,
  image: Image,
): Promise<OutputValues> {
  const outputs = pictureMaps(weights, settings, 'content', image);
  return Object.keys(outputs).length === 0 ? {} : runOnce(runtime, outputs, { [pictureInput]: image.rgb });
}
