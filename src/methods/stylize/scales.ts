import { fitLongSide } from '../../images/resize.js';
import type { Size } from '../../images/image.js';
import { shareIterations } from '../optimization/iterations.js';
import { fittingMargin, type CanvasSize, type PlannedScale, type ScalePlan } from '../plan.js';
import { scalesUpTo, type StylizeSettings } from './options.js';

/** One step of coarse to fine. */
export interface StylizeScale extends PlannedScale {
  /** Long side that the paintings are brought to. */
  readonly styleLongSide: number;
}

/** Bytes of memory that a size takes which nobody has asked for, where windows allow it: a photograph as large as a phone's. */
const usualMemory = 2.5e9;
/** The longest side that takes less than that at once. */
const usualLongSide = 1024;

/**
 * The scales for a photograph. Scales larger than the result are left out, and their steps fall to the result's size:
 * where no size is given, a small photograph is never enlarged.
 */
export function planScales(content: Size, settings: StylizeSettings): ScalePlan<StylizeScale> {
  const target = settings.size ?? Math.max(content.width, content.height);
  const result =
    settings.size === undefined ? content : fitLongSide(content.width, content.height, settings.size);
  const largest = Math.min(target, settings.scales.at(-1)!);
  const longSides = settings.size === undefined ? scalesUpTo(largest, settings.scales) : settings.scales;
  const iterations = iterationsOf(longSides.length, settings);
  const finest = longSides.at(-1)!;
  const scales = longSides.map((longSide, index): StylizeScale => {
    const style =
      settings.styleSize === undefined
        ? longSide * settings.styleScale
        : (settings.styleSize * longSide) / finest;
    const { width, height } =
      longSide === finest && finest === target
        ? result
        : fitLongSide(content.width, content.height, longSide);
    return {
      width,
      height,
      margin: fittingMargin(settings.margin, { width, height }),
      styleLongSide: Math.max(1, Math.round(style)),
      iterations: iterations[index]!,
      ...(settings.size === undefined && longSide > usualLongSide && { memoryGoal: usualMemory }),
    };
  });
  return { scales, width: result.width, height: result.height };
}

/** The size that a painting is brought to at a scale. */
export function paintingSize(
  { width, height }: Size,
  { styleLongSide, window }: Pick<StylizeScale, 'styleLongSide' | 'window'>,
): CanvasSize {
  const size = fitLongSide(width, height, styleLongSide);
  return window === undefined || styleLongSide <= window ? size : { ...size, window };
}

/** The steps of the scales that are kept. */
function iterationsOf(count: number, { iterations, totalIterations }: StylizeSettings): readonly number[] {
  // The steps meant for scales that are left out would be wasted at larger ones; a scale that is alone does all the work.
  const usual =
    count === 1 && iterations.length > 1
      ? [Math.max(...iterations)]
      : Array.from({ length: count }, (_, index) => iterations[index] ?? iterations.at(-1)!);
  return totalIterations === undefined ? usual : shareIterations(totalIterations, usual);
}
