import { createRandom } from '../../random.js';
import { PictureOrder } from '../picture-crops.js';

/** Uses of random numbers beside those of crops: each has a separate sequence. */
const purposes = { style: 2, knobs: 3 };

/** How often all knobs stand at 1, and how often all but one at 0; else each is drawn by itself. */
const shares = { normal: 0.3, single: 0.1 };
/** The largest weight that is drawn, against the default's 1. */
const largestWeight = 2;

/** Each picture's style, in the order in which the training draws them: all in turn, newly shuffled each time. */
export class StyleOrder {
  private readonly order: PictureOrder;

  constructor(
    seed: number,
    styles: number,
    private readonly batch: number,
  ) {
    this.order = new PictureOrder(seed + purposes.style, styles);
  }

  /** The styles of a batch's pictures. */
  ofBatch(batch: number): number[] {
    return Array.from({ length: this.batch }, (_, picture) =>
      this.order.picture(batch * this.batch + picture),
    );
  }
}

/**
 * The weights of a picture's losses, against those of the default: often 1 each, seldom one style layer alone, else uniform in 0 to 2
 * (Babaeizadeh and Ghiasi 2020 draw them uniformly in 0 to 1).
 * @param picture its number in the training
 */
export function drawKnobs(seed: number, picture: number, knobs: number): Float32Array {
  const random = createRandom(seed, purposes.knobs, picture);
  const kind = random.uniform();
  if (kind < shares.normal) return new Float32Array(knobs).fill(1);
  const drawn = Float32Array.from({ length: knobs }, () => largestWeight * random.uniform());
  if (kind < shares.normal + shares.single) {
    // The first one is the content's.
    const alone = 1 + Math.floor(random.uniform() * (knobs - 1));
    return drawn.map((value, index) => (index === 0 || index === alone ? value : 0));
  }
  return drawn;
}
