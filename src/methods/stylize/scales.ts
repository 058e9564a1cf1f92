import { fitLongSide } from '../../images/resize.js';
import type { Image } from '../../images/image.js';
import { scalesUpTo, type StylizeSettings } from './options.js';
import { shareIterations } from '../share-iterations.js';

/** One step of coarse to fine: the sizes to work at, and how long. */
export interface Scale {
  readonly width: number;
  readonly height: number;
  /** Mirror image around the picture, in pixels on each side. */
  readonly margin: number;
  /** Long side that the paintings are brought to. */
  readonly styleLongSide: number;
  readonly iterations: number;
}

export interface ScalePlan {
  readonly scales: readonly Scale[];
  /** Size of the result: the photograph's own, unless a size was asked for. */
  readonly width: number;
  readonly height: number;
}

/**
 * The scales for a photograph. Scales larger than the result are left out, and their work falls to the result's own size:
 * without a size asked for, a small photograph is never enlarged to be worked on.
 */
export function planScales(content: Pick<Image, 'width' | 'height'>, settings: StylizeSettings): ScalePlan {
  const own = Math.max(content.width, content.height);
  const target = settings.size ?? own;
  const result =
    settings.size === undefined ? content : fitLongSide(content.width, content.height, settings.size);
  const largest = Math.min(target, settings.scales.at(-1)!);
  const longSides = settings.size === undefined ? scalesUpTo(largest, settings.scales) : settings.scales;
  const iterations = iterationsOf(longSides.length, settings);
  const finest = longSides.at(-1)!;
  const scales = longSides.map((longSide, index): Scale => {
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
      // A mirror can't show more than there is.
      margin: Math.min(settings.margin, width - 1, height - 1),
      styleLongSide: Math.max(1, Math.round(style)),
      iterations: iterations[index]!,
    };
  });
  return { scales, width: result.width, height: result.height };
}

/** The size that is worked at: the picture with its margin. */
export function canvasSize({ width, height, margin }: Scale): { width: number; height: number } {
  return { width: width + 2 * margin, height: height + 2 * margin };
}

/** The size that a painting is brought to at a scale. */
export function paintingSize(
  { width, height }: Pick<Image, 'width' | 'height'>,
  { styleLongSide }: Pick<Scale, 'styleLongSide'>,
): { width: number; height: number } {
  const ratio = styleLongSide / Math.max(width, height);
  const side = (length: number): number => Math.max(1, Math.round(length * ratio));
  return { width: side(width), height: side(height) };
}

/** The steps of the scales that are kept. */
function iterationsOf(count: number, { iterations, totalIterations }: StylizeSettings): readonly number[] {
  // The steps meant for scales that are left out would be wasted at larger ones; a scale that is alone does all the work.
  const own =
    count === 1 && iterations.length > 1
      ? [Math.max(...iterations)]
      : Array.from({ length: count }, (_, index) => iterations[index] ?? iterations.at(-1)!);
  return totalIterations === undefined ? own : shareIterations(totalIterations, own);
}
