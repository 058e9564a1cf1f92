import { createRandom, type Random } from '../../random.js';
import type { PaintingTarget } from '../style/painting-targets.js';
import { PictureOrder } from '../picture-crops.js';

/** A painting as it is learnt: what it is to look like, and its code. */
export interface BankedStyle {
  readonly target: PaintingTarget;
  /** See `styleCode`. */
  readonly code: Float32Array;
}

/** Uses of random numbers beside those of crops, conditions and exposures: each has a separate sequence. */
const purposes = { order: 5, mixture: 6 };

/** How often two paintings are mixed, and the least part that one of them has then. */
const mixedShare = 0.25;
const leastPart = 0.2;

/**
 * All paintings that are learnt, each with its variants, in the order in which the training draws them: all in turn, newly shuffled
 * each time. Some are mixed with another: Gram matrices and codes of two paintings side by side are between those of each.
 */
export class StyleBank {
  private readonly order: PictureOrder;

  constructor(
    readonly styles: readonly BankedStyle[],
    private readonly seed: number,
  ) {
    this.order = new PictureOrder(seed + purposes.order, styles.length);
  }

  /** The style at a position of the training. */
  at(position: number): BankedStyle {
    const style = this.styles[this.order.picture(position)]!;
    const random = createRandom(this.seed, purposes.mixture, position);
    return random.uniform() < mixedShare ? mixture(style, this.any(random), random) : style;
  }

  private any(random: Random): BankedStyle {
    return this.styles[Math.floor(random.uniform() * this.styles.length)]!;
  }
}

function mixture(one: BankedStyle, other: BankedStyle, random: Random): BankedStyle {
  const part = leastPart + (1 - 2 * leastPart) * random.uniform();
  const between = (a: Float32Array, b: Float32Array): Float32Array =>
    a.map((value, i) => part * value + (1 - part) * b[i]!);
  const { grams, variation, wideVariation } = one.target;
  const mean = (a: number, b: number): number => part * a + (1 - part) * b;
  const variations = (a: typeof variation, b: typeof variation): typeof variation => ({
    luma: mean(a.luma, b.luma),
    chroma: mean(a.chroma, b.chroma),
  });
  return {
    code: between(one.code, other.code),
    target: {
      grams: Object.fromEntries(
        Object.entries(grams).map(([layer, gram]) => [layer, between(gram, other.target.grams[layer]!)]),
      ),
      variation: variations(variation, other.target.variation),
      wideVariation: variations(wideVariation, other.target.wideVariation),
    },
  };
}
