import { StyleError } from '../../errors.js';
import { createImage, type Image } from '../../images/image.js';
import { smoothColors } from '../../images/guided-filter.js';
import { checkMaskForm, paintedParts, paintOver } from '../../images/output-mask.js';
import { fitLongSide, resizeImage } from '../../images/resize.js';
import { findLayer } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { Runtime } from '../../runtime/runtime.js';
import { ActivationMatching } from '../activation-matching.js';
import type { PictureObjective } from '../optimize-scale.js';
import {
  optimizeScales,
  type OptimizationControl,
  type OptimizationPlan,
  type OptimizedPicture,
} from '../optimize-scales.js';
import { pictureOf } from '../picture-input.js';
import { objectiveOf, type CompiledObjective } from '../picture-objective.js';
import {
  passLayers,
  harmonizeLoss,
  matchedInput,
  pictureMaps,
  type HarmonizePass,
} from './harmonize-loss.js';
import { ObjectRegion } from './object-region.js';
import { ObjectWindow } from './object-window.js';
import { resolveHarmonizeSettings, type HarmonizeOptions, type HarmonizeSettings } from './options.js';
import { passTargets, type PassTargets } from './pass-targets.js';

/** What one picture is made of. */
export interface HarmonizeInput extends OptimizationControl {
  readonly painting: Image;
  /** The painting with the object pasted in, of the same size. What it holds outside of the mask is not looked at. */
  readonly composite: Image;
  /** White where the object is; another size is resized, other proportions are refused. */
  readonly mask: Image;
}

/**
 * Where the mask is black, the picture is the painting to the last bit. Losses are those over the object, of the last pass
 * worked at; the curve's `scale` is the pass, 0 or 1, and each pass has its own targets.
 */
export interface HarmonizeResult extends OptimizedPicture {
  readonly plan: OptimizationPlan;
  readonly settings: HarmonizeSettings;
}

/** Edges of the brightness much below this variance are none of the colours: grain, and the rim of the object. */
const colorEdge = 0.1;

/** The size that a painting is worked at in both passes, and the steps of each. */
export function planHarmonization(
  { width, height }: Pick<Image, 'width' | 'height'>,
  { size, iterations }: HarmonizeSettings,
): OptimizationPlan {
  const fitted = fitLongSide(width, height, Math.min(size, Math.max(width, height)));
  return { scales: iterations.map((steps) => ({ ...fitted, iterations: steps })), width, height };
}

/**
 * Makes an object that was pasted into a painting a part of it (Luan, Paris, Shechtman and Bala 2018, "Deep Painterly
 * Harmonization"). Two passes:
 *
 * 1. Each style layer's patches of the object are matched with the painting's, each layer on its own; the matched features'
 *    Gram matrices are the style, which survives many wrong matches.
 * 2. From what that has made, matches of one reference layer are made to agree with their neighbours and handed to all
 *    layers, so that what is taken from the painting is of a piece; each place of the painting counts once; distributions of
 *    features are matched as well.
 *
 * After the paper as we remember it. Ours are: losses relative to their targets, and fixed weights where the paper estimates
 * them from the painting; exact rank matching instead of histograms of bins; both passes at one size; the object's own
 * features as content in both passes; only the object's neighbourhood is worked on, while matches and statistics are the
 * whole painting's; the edge fades in. Colours are smoothed by a guided filter at the end, as in the paper; we leave out its
 * second step there, which replaces patches by the painting's.
 * @param runtime stays the caller's, who disposes it
 * @throws StyleError `E_ARGUMENT` for an option that can't be used and for a mask without white, `E_LAYER` for a layer that
 * the network doesn't have, `E_IMAGE_SIZE` when pictures don't fit together, or the painting or the object is too small for
 * a layer
 */
export async function harmonize(
  runtime: Runtime,
  weights: VggWeights,
  work: HarmonizeInput,
  options: HarmonizeOptions = {},
): Promise<HarmonizeResult> {
  const settings = resolveHarmonizeSettings(options);
  const { mask, signal, onProgress } = work;
  checkComposite(work);
  checkMaskForm('The mask', mask, work.painting);
  // The second pass would complain late.
  for (const layer of [settings.referenceLayer, ...Object.keys(settings.fineLayers)]) {
    findLayer(weights, layer);
  }
  const plan = planHarmonization(work.painting, settings);
  const { width, height } = plan.scales[0]!;
  const shrink = ({ width: w, height: h, rgb }: Image): Image =>
    resizeImage(createImage(w, h, rgb), width, height);
  const region = new ObjectRegion(mask, width, height);
  const painting = shrink(work.painting);
  // The edge fades at the very end: where little of a pixel is seen, the optimiser would exaggerate its colour.
  let picture = shrink(work.composite);
  const blended = (): Image => paintOver(painting, picture, region.parts);
  const composite = blended();
  const window = ObjectWindow.around(region.parts, region);
  const surroundings = window.cutImage(painting);
  const parts = window.cut(region.parts, region, 1);
  const whole = (image: Image): Image => paintOver(painting, window.paste(painting, image), region.parts);
  const made = await optimizeScales({
    scales: (['coarse', 'fine'] as const).map((pass, index) => ({ ...plan.scales[index]!, pass })),
    optimizer: settings.optimizer,
    signal,
    onProgress: (event) =>
      onProgress?.(
        event.type === 'iteration' ? { ...event, width, height, image: () => whole(event.image()) } : event,
      ),
    prepare: async ({ pass }, before, tell) => {
      if (before !== undefined) picture = window.paste(picture, before);
      const pictures = { painting, composite, picture: blended() };
      const targets = await passTargets(runtime, weights, settings, pass, pictures, region, window);
      tell('compile');
      const compiled = await passObjective(runtime, weights, settings, pass, window, targets);
      const objective = objectOnly(compiled.objective, surroundings, parts);
      return { ...compiled, objective, start: window.cutImage(picture), margin: 0 };
    },
  });
  picture = window.paste(picture, made.image);
  const { width: fullWidth, height: fullHeight } = work.painting;
  // The surroundings' colours have a part in the object's edge.
  const smooth =
    settings.smoothColors === 0 ? picture : smoothColors(blended(), settings.smoothColors, colorEdge);
  const faded = paintedParts(mask, fullWidth, fullHeight, settings.feather);
  const image = paintOver(work.painting, resizeImage(smooth, fullWidth, fullHeight), faded);
  return { ...made, image, plan, settings };
}

function checkComposite({ painting, composite }: HarmonizeInput): void {
  if (painting.width === composite.width && painting.height === composite.height) return;
  throw new StyleError(
    'E_IMAGE_SIZE',
    `The composite is ${composite.width}x${composite.height}, and the painting ${painting.width}x${painting.height}.`,
    'Paste the object into a copy of the painting, and keep its size.',
  );
}

/** The loss as a function of the object alone: the rest of the picture is the painting, whatever the optimiser asks. */
function objectOnly(objective: PictureObjective, painting: Image, parts: Float32Array): PictureObjective {
  const { width, height } = painting;
  return async (rgb) => {
    const { losses, gradient } = await objective(
      paintOver(painting, createImage(width, height, rgb), parts).rgb,
    );
    return { losses, gradient: gradient.map((value, i) => value * parts[i % parts.length]!) };
  };
}

/** The loss of a pass, compiled. */
async function passObjective(
  runtime: Runtime,
  weights: VggWeights,
  settings: HarmonizeSettings,
  pass: HarmonizePass,
  size: { readonly width: number; readonly height: number },
  { bound, matched }: PassTargets,
): Promise<CompiledObjective> {
  const histogram = passLayers(settings, pass).histogram.map(([layer]) => layer);
  const loss = await runtime.compile(harmonizeLoss(weights, settings, pass, size));
  try {
    const needed = Object.entries(bound).filter(([name]) => name in loss.inputs);
    await loss.bind(Object.fromEntries(needed));
    if (histogram.length === 0) return { objective: objectiveOf(loss), dispose: () => loss.dispose() };
    const maps = pictureMaps(weights, settings, histogram, pictureOf(size));
    const activations = await runtime.compile(
      Object.fromEntries(histogram.map((layer) => [matchedInput(layer), maps[layer]!])),
    );
    return {
      objective: objectiveOf(loss, new ActivationMatching(activations, matched)),
      dispose: async () => {
        await loss.dispose();
        await activations.dispose();
      },
    };
  } catch (error) {
    await loss.dispose();
    throw error;
  }
}
