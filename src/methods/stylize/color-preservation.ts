import { matchColors } from '../../images/color-matching.js';
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
 */
export function keepColors<Pictures extends SourcePictures>(
  pictures: Pictures,
  { preserveColors }: Pick<StylizeSettings, 'preserveColors'>,
): Pictures {
  const { content, styles, initial } = pictures;
  switch (preserveColors) {
    case 'none':
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

/** Puts back into a painted picture the photograph's colours and what is not to be painted. */
export class ColorAndMaskComposer {
  private readonly parts: Float32Array | undefined;

  /**
   * @param photograph as it is, with its colours
   * @param mask what is painted: white; black stays the photograph
   * @param size of the result
   * @throws StyleError `E_IMAGE_SIZE` when the mask's proportions are others than the photograph's
   */
  constructor(
    private readonly photograph: Image,
    private readonly settings: Pick<StylizeSettings, 'preserveColors' | 'feather'>,
    mask: Image | undefined,
    private readonly size: Size,
  ) {
    this.parts = mask && paintedParts(mask, size.width, size.height, settings.feather);
  }

  /** The picture as it is to be seen, at its own size, with the photograph's transparency. */
  compose(painted: Image): Image {
    const { width, height } = painted;
    const photograph = resizeImage(this.photograph, width, height);
    const colored =
      this.settings.preserveColors === 'luminance'
        ? withLuminance(photograph, luminanceOf(painted))
        : createImage(width, height, painted.rgb, photograph.alpha);
    return this.parts === undefined ? colored : paintOver(photograph, colored, this.partsAt(painted));
  }

  private partsAt({ width, height }: Image): Float32Array {
    if (width === this.size.width && height === this.size.height) return this.parts!;
    return resizePlanes(this.parts!, 1, this.size, { width, height }, 'bilinear');
  }
}
