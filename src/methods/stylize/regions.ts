import { StyleError } from '../../errors.js';
import type { Image, Size } from '../../images/image.js';
import { checkMaskForm } from '../../images/output-mask.js';
import {
  findRegion,
  formatRegionColor,
  parseRegionColor,
  readRegionMask,
  regionMapAt,
  type RegionColor,
  type RegionMap,
} from '../../images/region-map.js';
import { RegionGuides } from '../../losses/region-guides.js';
import { findLayer } from '../../networks/vgg.js';
import type { VggWeights } from '../../networks/vgg-weights.js';
import { activeHistogramLayers, activeStyleLayers, type LossRegion } from './picture-loss.js';
import { blendWeights, type StylizeSettings } from './options.js';
import { canvasSize, type PlannedScale } from '../plan.js';
import { paintingSize, type StylizeScale } from './scales.js';

/**
 * Where a painting's regions are: a mask of the painting; or a colour, `white` or `#ff8000`, where the whole painting is for
 * one region; or `all` where it is for every region.
 */
export type StyleMask = Image | string;

/** Pictures with regions. */
export interface MaskedPictures {
  readonly content: Size;
  readonly styles: readonly Size[];
  readonly contentMask?: Image | undefined;
  readonly styleMasks?: readonly StyleMask[] | undefined;
}

/** The regions at one scale. */
export interface ScaleRegions {
  /** Those that the loss has. */
  readonly loss: readonly LossRegion[];
  /** Guides at the size of the picture with its margin, and of each painting. */
  readonly content: RegionGuides;
  readonly styles: readonly RegionGuides[];
}

/**
 * The regions of a photograph, and where each is found in the paintings: regions go together by the colours of the masks.
 */
export class StyleRegions {
  private constructor(
    private readonly colors: readonly RegionColor[],
    private readonly content: RegionMap,
    private readonly styles: readonly RegionMap[],
    /** How much each region counts against the others, by the paintings that it has. */
    private readonly strengths: readonly number[],
    private readonly blend: readonly number[],
  ) {}

  /**
   * Reads the masks, if there are any.
   * @param blend the weights of the paintings. Where regions have different paintings they are the strengths of the regions,
   * too: a region counts as much as its paintings do in the mean, against the mean of all paintings
   * @throws StyleError `E_ARGUMENT` when masks are missing, or a region is in one mask and not in the other; `E_IMAGE_SIZE`
   * when a mask's proportions are others than its picture's
   */
  static of(
    { content, styles, contentMask, styleMasks }: MaskedPictures,
    blend: readonly number[],
  ): StyleRegions | undefined {
    if (contentMask === undefined && (styleMasks ?? []).length === 0) return undefined;
    if (contentMask === undefined || styleMasks?.length !== styles.length) {
      throw new StyleError(
        'E_ARGUMENT',
        `There ${contentMask === undefined ? 'is no content mask' : 'is a content mask'}, and ${styleMasks?.length ?? 0} style mask(s) for ${styles.length} painting(s).`,
        'Give a content mask and a style mask for each painting: a file, a colour, or all.',
      );
    }
    checkMaskForm('The content mask', contentMask, content);
    const { width, height, colors, labels } = readRegionMask(contentMask, 'The content mask');
    const maps = styleMasks.map((mask, index) => styleMap(mask, styles[index]!, colors, index + 1));
    const missing = colors.findIndex((_, region) => !maps.some(({ planes }) => planes.has(region)));
    if (missing >= 0) {
      throw new StyleError(
        'E_ARGUMENT',
        `The content mask has the region ${formatRegionColor(colors[missing]!)}, and no style mask has it.`,
        'Paint the region into a style mask as well, in the same colour, or name a painting for it.',
      );
    }
    const planes = colors.map((_, region) => [region, planeOf(labels, region)] as const);
    const mean = blend.reduce((sum, weight) => sum + weight, 0) / blend.length;
    const strengths = colors.map((_, region) => {
      const present = blend.filter((_weight, index) => maps[index]!.planes.has(region));
      return present.reduce((sum, weight) => sum + weight, 0) / present.length / mean;
    });
    return new StyleRegions(colors, { width, height, planes: new Map(planes) }, maps, strengths, blend);
  }

  get count(): number {
    return this.colors.length;
  }

  /**
   * The guides of a picture of a size and margin, and of the paintings.
   * @param paintings their sizes at this scale
   */
  guides(
    { width, height, margin }: PlannedScale,
    paintings: readonly Size[],
  ): { readonly content: RegionGuides; readonly styles: readonly RegionGuides[] } {
    return {
      content: new RegionGuides(regionMapAt(this.content, width, height, margin)),
      styles: this.styles.map((map, index) => {
        const size = paintings[index]!;
        return new RegionGuides(regionMapAt(map, size.width, size.height, 0));
      }),
    };
  }

  /**
   * The regions at a scale. A region that covers less than one position of a layer can't be measured there: at the finest
   * scale that is an error, at a coarser one the layer is left to the other regions.
   * @param pictures the paintings
   * @throws StyleError `E_IMAGE_SIZE` that names the region, the layer and the picture
   */
  at(
    scale: StylizeScale,
    finest: boolean,
    paintings: readonly Size[],
    weights: VggWeights,
    settings: StylizeSettings,
  ): ScaleRegions {
    const sizes = paintings.map((painting) => paintingSize(painting, scale));
    const { content, styles } = this.guides(scale, sizes);
    const canvas = canvasSize(scale);
    const fits = (region: number, layer: string, enough: Enough): boolean => {
      const { block } = findLayer(weights, layer).layer;
      const places = [
        { guides: content, where: `the photograph at ${canvas.width}x${canvas.height}` },
        ...styles.map((guides, index) => ({
          guides: this.blend[index]! > 0 && guides.regions.includes(region) ? guides : undefined,
          where: `painting ${index + 1} at ${sizes[index]!.width}x${sizes[index]!.height}`,
        })),
      ];
      const small = places.find(({ guides }) => guides !== undefined && !enough(guides, region, block));
      if (small !== undefined && finest) throw this.tooSmall(region, layer, small.where);
      return small === undefined;
    };
    const loss = this.colors.flatMap((_, region): LossRegion[] => {
      const strength = this.strengths[region]!;
      if (strength === 0) return [];
      const at = (layers: readonly string[], enough: Enough): string[] =>
        layers.filter((layer) => fits(region, layer, enough));
      return [
        {
          region,
          weight: strength * content.part(region, 1),
          layers: at(activeStyleLayers(settings), (guides, one, block) => guides.area(one, block) >= 1),
          histograms: at(
            activeHistogramLayers(settings),
            (guides, one, block) => guides.positions(one, block).length > 0,
          ),
        },
      ];
    });
    return { loss, content, styles };
  }

  private tooSmall(region: number, layer: string, where: string): StyleError {
    return new StyleError(
      'E_IMAGE_SIZE',
      `The region ${formatRegionColor(this.colors[region]!)} is too small for the layer ${layer} in ${where}: it covers no whole position.`,
      'Draw the region larger, use a larger size, or leave the layer out of the style layers.',
    );
  }
}

/**
 * The regions of a loss as far as its memory depends on them, before their places at any scale are known; undefined
 * without masks.
 * @throws StyleError `E_ARGUMENT` when masks are missing, or a region is in one mask and not in the other; `E_IMAGE_SIZE`
 * when a mask's proportions are others than its picture's
 */
export function plannedRegions(
  pictures: MaskedPictures,
  settings: StylizeSettings,
): LossRegion[] | undefined {
  const count = StyleRegions.of(pictures, blendWeights(settings.styleBlend, pictures.styles.length))?.count;
  if (count === undefined) return undefined;
  const layers = activeStyleLayers(settings);
  const histograms = activeHistogramLayers(settings);
  return Array.from({ length: count }, (_, region) => ({ region, weight: 1, layers, histograms }));
}

/** Whether a text stands for where a painting's region is, and does not name a mask. */
export const isRegionName = (text: string): boolean => text === 'all' || parseRegionColor(text) !== undefined;

type Enough = (guides: RegionGuides, region: number, block: number) => boolean;

const planeOf = (labels: Uint8Array, region: number): Float32Array =>
  Float32Array.from(labels, (label) => (label === region ? 1 : 0));

/** The photograph's regions in a painting. */
function styleMap(
  mask: StyleMask,
  painting: Size,
  colors: readonly RegionColor[],
  number: number,
): RegionMap {
  const name = `The style mask of painting ${number}`;
  const regionOf = (color: RegionColor): number => {
    const region = findRegion(colors, color);
    if (region >= 0) return region;
    throw new StyleError(
      'E_ARGUMENT',
      `${name} has the region ${formatRegionColor(color)}, which the content mask doesn't have.`,
      `The content mask has ${colors.map(formatRegionColor).join(', ')}.`,
    );
  };
  if (typeof mask === 'string') {
    const color = parseRegionColor(mask);
    if (color === undefined && mask !== 'all') {
      throw new StyleError(
        'E_ARGUMENT',
        `${name} can't be ${JSON.stringify(mask)}.`,
        'It takes a picture, a colour such as white or #ff8000, or all.',
      );
    }
    const regions = color === undefined ? colors.map((_, region) => region) : [regionOf(color)];
    return { width: 1, height: 1, planes: new Map(regions.map((region) => [region, Float32Array.of(1)])) };
  }
  checkMaskForm(name, mask, painting);
  const { width, height, colors: found, labels } = readRegionMask(mask, name);
  const planes = found.map((color, label) => [regionOf(color), planeOf(labels, label)] as const);
  return { width, height, planes: new Map(planes) };
}
