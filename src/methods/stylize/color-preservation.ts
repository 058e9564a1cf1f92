import { matchColors } from '../../images/color-matching.js';
import { smoothColors } from '../../images/guided-filter.js';
import { createImage, type Image, type Size } from '../../images/image.js';
import { greyPicture, luminanceOf, withLuminance } from '../../images/luminance.js';
import { paintedParts, paintOver } from '../../images/output-mask.js';
import { resizeImage, resizePlanes } from '../../images/resize.js';
import type { StylizeSettings } from './options.js';

/** The pictures that a stylisation looks at. */
export interface SourcePictures {
  readonly content: Image;
  readonly styles: readonly Image[];
  readonly initial?: Image | undefined;
}

/**
 * The pictures to optimise with so that the photograph's colours are kept (Gatys, Bethge, Hertzmann and Shechtman 2016b,
 * "Preserving Color in Neural Artistic Style Transfer"):
 * - `match` (section 4.1): the paintings get the photograph's mean and covariance of colours first;
 * - `luminance` (section 4.2): all pictures become grey, the paintings' luminance with the photograph's mean and deviation;
 *   {@link ColorAndMaskComposer} puts the photograph's colours back.
 *
 * With `chroma` (Kolkin et al. 2022, "Neural Neighbor Style Transfer", section 3.5) they stay as they are: it is the result
 * whose colours are replaced.
 */
export function keepColors<Pictures extends SourcePictures>(
  pictures: Pictures,
  { preserveColors }: Pick<StylizeSettings, 'preserveColors'>,
): Pictures {
  const { content, styles, initial } = pictures;
  switch (preserveColors) {
    case 'none':
    case 'chroma':
      return pictures;
    case 'match':
      return { ...pictures, styles: styles.map((style) => matchColors(style, content)) };
    case 'luminance':
      return {
        ...pictures,
        content: greyPicture(content),
        styles: styles.map((style) => greyPicture(matchColors(style, content, { mode: 'luminance' }))),
        initial: initial === undefined ? undefined : greyPicture(initial),
      };
  }
}

/** Radius in pixels within which carried colours are smoothed, and the variance of brightness that counts as an edge. */
const smoothing = { radius: 2, epsilon: 1e-4 } as const;

/** Puts back into a painted picture the photograph's colours and what is not to be painted. */
export class ColorAndMaskComposer {
  private readonly photograph: Image;
  private readonly parts: Float32Array | undefined;
  /** The photograph with the paintings' mean and covariance of colours. */
  private readonly carried: Image | undefined;

  /**
   * @param pictures the photograph as it is, with its colours, and of `mask` what is painted: white; black stays the
   * photograph
   * @param size of the result
   * @throws StyleError `E_IMAGE_SIZE` when the mask's proportions are others than the photograph's
   */
  constructor(
    { content, styles, mask }: SourcePictures & { readonly mask?: Image | undefined },
    private readonly settings: Pick<StylizeSettings, 'preserveColors' | 'feather'>,
    private readonly size: Size,
  ) {
    this.photograph = content;
    this.parts = mask && paintedParts(mask, size.width, size.height, settings.feather);
    if (settings.preserveColors === 'chroma') this.carried = matchColors(content, styles[0]!);
  }

  /** The picture as it is to be seen, at its size, with the photograph's transparency. */
  compose(painted: Image): Image {
    const { width, height, rgb } = painted;
    const { preserveColors } = this.settings;
    const isKept = preserveColors === 'luminance' || preserveColors === 'chroma';
    // Of a large photograph the other size takes seconds.
    if (!isKept && this.parts === undefined && this.photograph.alpha === undefined)
      return createImage(width, height, rgb);
    const photograph = resizeImage(this.photograph, width, height);
    const colored = this.recolored(painted, photograph);
    return this.parts === undefined ? colored : paintOver(photograph, colored, this.partsAt(painted));
  }

  private recolored(painted: Image, photograph: Image): Image {
    const { width, height } = painted;
    switch (this.settings.preserveColors) {
      case 'luminance':
        return withLuminance(photograph, luminanceOf(painted));
      case 'chroma': {
        const luminance = luminanceOf(painted);
        const carried = withLuminance(resizeImage(this.carried!, width, height), luminance);
        // Smoothed colours may leave the range, where clipping would change the luminance.
        return withLuminance(smoothColors(carried, smoothing.radius, smoothing.epsilon), luminance);
      }
      default:
        return createImage(width, height, painted.rgb, photograph.alpha);
    }
  }

  private partsAt({ width, height }: Image): Float32Array {
    if (width === this.size.width && height === this.size.height) return this.parts!;
    return resizePlanes(this.parts!, 1, this.size, { width, height }, 'bilinear');
  }
}
