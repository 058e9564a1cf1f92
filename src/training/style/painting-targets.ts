import { StyleError } from '../../errors.js';
import { input } from '../../graph/index.js';
import { variationOf, type Variation } from '../../images/flatness.js';
import type { Image } from '../../images/image.js';
import { resizeImage, withinLongSide } from '../../images/resize.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { FloatArray } from '../../optimizers/optimizer.js';
import { runOnce, type Runtime } from '../../runtime/runtime.js';
import { blotchScale, gramsInput, paintingGrams } from './style-loss.js';
import { styleLayers, type StyleSettings } from './style-settings.js';

/** What a network learns of its paintings. */
export interface PaintingTargets {
  /** The Gram matrices of all paintings at each layer, one row each, by layer. */
  readonly grams: Readonly<Record<string, Float32Array>>;
  readonly variations: readonly Variation[];
  /** Those of the paintings made smaller by `blotchScale`. */
  readonly wideVariations: readonly Variation[];
}

/** Measures paintings at the size whose strokes are learnt. */
export async function measurePaintings(
  runtime: Runtime,
  network: VggWeights,
  paintings: readonly Image[],
  { styleSize }: StyleSettings,
): Promise<PaintingTargets> {
  const rows: Record<string, Float32Array>[] = [];
  const variations: Variation[] = [];
  const wideVariations: Variation[] = [];
  for (const painting of paintings) {
    const { width, height } = withinLongSide(painting, styleSize);
    const resized = resizeImage(painting, width, height);
    variations.push(variationOf(resized));
    const [columns, lines] = [width, height].map((side) => Math.max(2, Math.round(side / blotchScale)));
    wideVariations.push(variationOf(resizeImage(painting, columns!, lines!)));
    const grams = paintingGrams(input('painting', [1, 3, height, width]), network);
    rows.push(await runOnce(runtime, grams, { painting: resized.rgb }));
  }
  const joined = (layer: string): Float32Array => {
    const parts = rows.map((row) => row[layer]!);
    const all = new Float32Array(parts.length * parts[0]!.length);
    parts.forEach((part, index) => all.set(part, index * part.length));
    return all;
  };
  return {
    grams: Object.fromEntries(styleLayers.map((layer) => [layer, joined(layer)])),
    variations,
    wideVariations,
  };
}

/** The matrices by the names of the loss's inputs. */
export const gramInputs = ({ grams }: PaintingTargets): Record<string, Float32Array> =>
  Object.fromEntries(styleLayers.map((layer) => [gramsInput(layer), grams[layer]!]));

/** Targets as arrays of a training's state. */
export const targetArrays = ({
  grams,
  variations,
  wideVariations,
}: PaintingTargets): Record<string, FloatArray> => ({
  ...grams,
  variations: Float64Array.from(
    [...variations, ...wideVariations].flatMap(({ luma, chroma }) => [luma, chroma]),
  ),
});

/** Targets from such arrays. @throws StyleError `E_STATE` when they are not of so many paintings */
export function targetsFrom(array: (name: string) => FloatArray, paintings: number): PaintingTargets {
  const pairs = array('variations');
  if (pairs.length !== 4 * paintings) {
    throw new StyleError(
      'E_STATE',
      `The checkpoint is of ${pairs.length / 4} paintings, not of ${paintings}.`,
      'Resume with the paintings that it was trained for, or start a new training.',
    );
  }
  return {
    grams: Object.fromEntries(styleLayers.map((layer) => [layer, Float32Array.from(array(layer))])),
    variations: variationsFrom(pairs, 0, paintings),
    wideVariations: variationsFrom(pairs, paintings, paintings),
  };
}

const variationsFrom = (pairs: FloatArray, first: number, count: number): Variation[] =>
  Array.from({ length: count }, (_, index) => ({
    luma: pairs[2 * (first + index)]!,
    chroma: pairs[2 * (first + index) + 1]!,
  }));
