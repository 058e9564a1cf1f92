import { createRandom } from '../../random.js';
import { PictureOrder } from '../picture-crops.js';

/** Uses of random numbers beside those of crops: each has a separate sequence. */
const purposes = { style: 2, knobs: 3 };

/** How often all knobs stand at 1, all but one at 1, and all but one at 0; else each is drawn by itself. */
const shares = { normal: 0.2, moved: 0.4, single: 0.1 };
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
 * The weights of a picture's losses, against those of the default: sometimes 1 each; often one moved while the others stay, as people move
 * them; seldom one style layer alone; else all of them uniform in 0 to 2 (Babaeizadeh and Ghiasi 2020 draw all uniformly in 0 to 1).
 * @param picture its number in the training
 */
export function drawKnobs(seed: number, picture: number, knobs: number): Float32Array {
  const random = createRandom(seed, purposes.knobs, picture);
  const kind = random.uniform();
  const draw = (): number => largestWeight * random.uniform();
  const all = new Float32Array(knobs).fill(1);
  if (kind < shares.normal) return all;
  if (kind < shares.normal + shares.moved) {
    const moved = Math.floor(random.uniform() * knobs);
    return all.map((value, index) => (index === moved ? draw() : value));
  }
  const drawn = all.map(draw);
  if (kind < shares.normal + shares.moved + shares.single) {
    // The first one is the content's.
    const alone = 1 + Math.floor(random.uniform() * (knobs - 1));
    return drawn.map((value, index) => (index === 0 || index === alone ? value : 0));
  }
  return drawn;
}
