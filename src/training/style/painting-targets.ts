import { StyleError } from '../../errors.js';
import { input, type NamedTensors, type Tensor } from '../../graph/index.js';
import { variationOf, type Variation } from '../../images/flatness.js';
import type { Image } from '../../images/image.js';
import { resizeImage } from '../../images/resize.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import type { FloatArray } from '../../optimizers/optimizer.js';
import type { ProgramCache } from '../../runtime/program-cache.js';
import type { OutputValues } from '../../runtime/runtime.js';
import { blotchScale, paintingGrams } from './style-loss.js';
import { styleLayers } from './style-settings.js';

/** What a network learns of a painting. */
export interface PaintingTarget {
  /** Its Gram matrices by layer. */
  readonly grams: Readonly<Record<string, Float32Array>>;
  readonly variation: Variation;
  /** That of the painting made smaller by `blotchScale`. */
  readonly wideVariation: Variation;
}

/**
 * Measures a painting at the size whose strokes are learnt.
 * @param programs those of paintings of the same size are one
 * @param also what else is wanted of it, `[1, 3, H, W]`
 */
export async function measurePainting(
  programs: ProgramCache,
  network: VggWeights,
  painting: Image,
  also: (painting: Tensor) => NamedTensors = () => ({}),
): Promise<{ readonly target: PaintingTarget; readonly measured: OutputValues }> {
  const { width, height } = painting;
  const [columns, lines] = [width, height].map((side) => Math.max(2, Math.round(side / blotchScale)));
  const graph = (): NamedTensors => {
    const x = input('painting', [1, 3, height, width]);
    return { ...paintingGrams(x, network), ...also(x) };
  };
  const measured = await programs.use(`painting ${width}x${height}`, graph, (program) =>
    program.run({ painting: painting.rgb }),
  );
  const target = {
    grams: Object.fromEntries(styleLayers.map((layer) => [layer, measured[layer]!])),
    variation: variationOf(painting),
    wideVariation: variationOf(resizeImage(painting, columns!, lines!)),
  };
  return { target, measured };
}

/** Targets as arrays of a training's state: rows of matrices by layer, and four numbers of variation each. */
export function targetArrays(targets: readonly PaintingTarget[]): Record<string, FloatArray> {
  const joined = (layer: string): Float32Array => {
    const rows = targets.map(({ grams }) => grams[layer]!);
    const all = new Float32Array(rows.length * rows[0]!.length);
    rows.forEach((row, index) => all.set(row, index * row.length));
    return all;
  };
  const variations = targets.flatMap(({ variation, wideVariation }) =>
    [variation, wideVariation].flatMap(({ luma, chroma }) => [luma, chroma]),
  );
  return {
    ...Object.fromEntries(styleLayers.map((layer) => [layer, joined(layer)])),
    variations: Float64Array.from(variations),
  };
}

/** Targets from such arrays. @throws StyleError `E_STATE` when they are not of so many paintings */
export function targetsFrom(array: (name: string) => FloatArray, paintings: number): PaintingTarget[] {
  const variations = array('variations');
  if (variations.length !== 4 * paintings) {
    throw new StyleError(
      'E_STATE',
      `The checkpoint is of ${variations.length / 4} paintings, not of ${paintings}.`,
      'Resume with the paintings that it was trained for, or start a new training.',
    );
  }
  return Array.from({ length: paintings }, (_, painting) => {
    const row = (values: FloatArray): Float32Array => {
      const length = values.length / paintings;
      return Float32Array.from(values.subarray(painting * length, (painting + 1) * length));
    };
    const [luma, chroma, wideLuma, wideChroma] = variations.subarray(4 * painting) as unknown as number[];
    return {
      grams: Object.fromEntries(styleLayers.map((layer) => [layer, row(array(layer))])),
      variation: { luma: luma!, chroma: chroma! },
      wideVariation: { luma: wideLuma!, chroma: wideChroma! },
    };
  });
}
