import type { Size } from '../../images/image.js';
import { withinLongSide } from '../../images/resize.js';
import { iterationsPerScale } from '../optimization/iterations.js';
import { fittingMargin, type PlannedScale, type ScalePlan } from '../plan.js';
import type { TextureSettings } from './options.js';

/** One step of coarse to fine. */
export interface TextureScale extends PlannedScale {
  /** The size that the sample is brought to. */
  readonly sample: Size;
}

/** The network sees forms of up to some two hundred pixels: a larger sample would be only its fine detail. */
const usualSampleSize = 512;
/** Sides that coarse scales don't go below: the sample's long one, and the short ones of sample and texture. */
const smallest = { long: 64, short: 32 } as const;
/** Halvings at most. */
const mostHalvings = 4;
/** Steps by scale, from the coarsest on, where no number was given. */
const steps = [120, 80, 60, 40, 20] as const;
/** Steps of a scale that is alone. */
const stepsAlone = 200;
/** Pooling halves four times up to relu5_1: of sides that this divides, every map repeats as the picture does. */
const period = 16;

/**
 * The scales of a texture. At each the sample is made smaller as the texture is, so that its forms keep their size against
 * the texture's pixels at the finest one.
 * @throws StyleError `E_ARGUMENT` when steps and scales differ in number
 */
export function planTexture(sample: Size, settings: TextureSettings): ScalePlan<TextureScale> {
  const { tileable } = settings;
  const fitted = withinLongSide(sample, settings.sampleSize ?? usualSampleSize);
  const sampleSize = Math.max(fitted.width, fitted.height);
  const { width, height } = settings.size ?? fitted;
  const longSide = Math.max(width, height);
  const longSides =
    settings.scales ?? halvings(longSide, Math.min(width, height, fitted.width, fitted.height), sampleSize);
  const usual =
    longSides.length === 1 ? [stepsAlone] : longSides.map((_, index) => steps[index] ?? steps.at(-1)!);
  const iterations = iterationsPerScale(longSides, settings.iterations, usual);
  const scales = longSides.map((scaleSide, index): TextureScale => {
    const ratio = scaleSide / longSide;
    const shrunk = (length: number): number => Math.max(1, Math.round(length * ratio));
    const whole = (length: number): number =>
      tileable ? Math.max(period, period * Math.round((length * ratio) / period)) : shrunk(length);
    const [wide, high] = [whole(width), whole(height)];
    return {
      width: wide,
      height: high,
      margin: fittingMargin(settings.margin, { width: wide, height: high }),
      sample: { width: shrunk(fitted.width), height: shrunk(fitted.height) },
      iterations: iterations[index]!,
    };
  });
  return { scales, width, height };
}

/** Half, a quarter and so on of the long side, coarse to fine, as far as sample and texture keep a form. */
function halvings(longSide: number, shortSide: number, sampleSize: number): number[] {
  const sides = [longSide];
  for (let factor = 1 / 2; sides.length <= mostHalvings; factor /= 2) {
    if (sampleSize * factor < smallest.long || shortSide * factor < smallest.short) break;
    sides.unshift(Math.round(longSide * factor));
  }
  return sides;
}
