import { contactSheet, type LabelledImage } from '../../images/contact-sheet.js';
import type { Image } from '../../images/image.js';
import { vggLayers } from '../../networks/vgg-layers.js';
import { findLayer } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';

/** One of the five levels of the figure. */
export interface ReconstructionLevel {
  /** The layer whose features the content is reconstructed from. */
  readonly content: string;
  /** The last of the layers whose Gram matrices the style is reconstructed from. */
  readonly style: string;
}

const blocks = [1, 2, 3, 4, 5];

/**
 * The levels of Gatys, Ecker and Bethge 2016, figure 1: content from `relu1_2` to `relu5_2`, style from `relu1_1` up to
 * `relu1_1` to `relu5_1`. Where the weights end before `relu5_2` its level has their last layer of that block.
 */
export function reconstructionLevels(weights: VggWeights): ReconstructionLevel[] {
  const has = (block: number, place: number): boolean => `conv${block}_${place}` in weights.convolutions;
  return blocks
    .filter((block) => has(block, 1))
    .map((block) => ({
      content: `relu${block}_${has(block, 2) ? 2 : 1}`,
      style: `relu${block}_1`,
    }));
}

/**
 * The style layers up to a layer: the first one of each block, and the layer itself.
 * @throws StyleError `E_LAYER` for a layer that the network doesn't have
 */
export function styleLayersUpTo(weights: VggWeights, layer: string): string[] {
  const last = findLayer(weights, layer);
  const first = vggLayers(weights.architecture)
    .filter(({ place, index }) => place === 1 && index < last.layer.index)
    .map(({ block }) => `relu${block}_1`);
  return [...first, last.name];
}

/** A reconstruction that the figure shows. */
export interface FigurePart {
  readonly from: 'content' | 'style';
  /** As in {@link ReconstructionLevel}. */
  readonly layer: string;
  readonly image: Image;
}

/**
 * The figure: the picture and under it content and style, in a column for each level, labelled. A level that is not there
 * leaves its place free.
 * @param picture what was reconstructed, at the size of the reconstructions
 */
export function reconstructionFigure(
  picture: Image,
  levels: readonly ReconstructionLevel[],
  parts: readonly FigurePart[],
): Image {
  const found = (from: 'content' | 'style', layer: string, label: string): LabelledImage | undefined => {
    const part = parts.find((one) => one.from === from && one.layer === layer);
    return part === undefined ? undefined : { image: part.image, label };
  };
  return contactSheet([
    [
      { image: picture, label: 'picture' },
      ...levels.map(({ content }) => found('content', content, `content ${content}`)),
    ],
    [
      undefined,
      ...levels.map(({ style }) =>
        found('style', style, style === 'relu1_1' ? 'style relu1_1' : `style relu1_1 - ${style}`),
      ),
    ],
  ]);
}
