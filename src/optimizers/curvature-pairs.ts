import { addScaled, dot, type FloatArray, type OptimizerState } from './optimizer.js';

interface Pair {
  /** Change of the variables, change of the gradient, and one over their product. */
  readonly s: FloatArray;
  readonly y: FloatArray;
  readonly inverse: number;
}

/** The limited memory of L-BFGS: the last changes of variables and gradient, from which it knows the loss' curvature. */
export class CurvaturePairs {
  private pairs: Pair[] = [];

  /** @param capacity the most pairs to keep */
  constructor(private readonly capacity: number) {}

  get count(): number {
    return this.pairs.length;
  }

  clear(): void {
    this.pairs = [];
  }

  /**
   * Remembers a step; the arrays are kept, not copied.
   * @param smallest pairs whose product `s . y` isn't above it are left out: their curvature is none or noise
   */
  add(s: FloatArray, y: FloatArray, smallest: number): void {
    const product = dot(s, y);
    if (!(product > smallest)) return;
    this.pairs.push({ s, y, inverse: 1 / product });
    if (this.pairs.length > this.capacity) this.pairs.shift();
  }

  /**
   * Turns a gradient, in place, into minus the quasi-Newton direction: Nocedal and Wright 2006, algorithm 7.4.
   * @param metric the inverse Hessian to start from, a diagonal, up to a factor; all ones where it is left out.
   * The factor is taken from the last pair (equation 7.20).
   */
  apply(direction: FloatArray, metric?: FloatArray): void {
    const weights = new Array<number>(this.pairs.length);
    for (let k = this.pairs.length - 1; k >= 0; k -= 1) {
      const { s, y, inverse } = this.pairs[k]!;
      weights[k] = inverse * dot(s, direction);
      addScaled(direction, -weights[k]!, y);
    }
    const last = this.pairs.at(-1);
    const factor = last === undefined ? 1 : 1 / (last.inverse * weightedSquare(last.y, metric));
    for (let i = 0; i < direction.length; i += 1)
      direction[i]! *= metric === undefined ? factor : factor * metric[i]!;
    this.pairs.forEach(({ s, y, inverse }, k) =>
      addScaled(direction, weights[k]! - inverse * dot(y, direction), s),
    );
  }

  /** The pairs as named arrays, copied. */
  arrays(): Record<string, FloatArray> {
    return Object.fromEntries(
      this.pairs.flatMap(
        ({ s, y }, k) =>
          [
            [`s${k}`, s.slice()],
            [`y${k}`, y.slice()],
          ] as const,
      ),
    );
  }

  restore(arrays: OptimizerState['arrays']): void {
    this.pairs = [];
    for (let k = 0; arrays[`s${k}`] !== undefined; k += 1) {
      const [s, y] = [arrays[`s${k}`]!.slice(), arrays[`y${k}`]!.slice()];
      this.pairs.push({ s, y, inverse: 1 / dot(s, y) });
    }
  }
}

function weightedSquare(y: FloatArray, metric: FloatArray | undefined): number {
  if (metric === undefined) return dot(y, y);
  let sum = 0;
  for (let i = 0; i < y.length; i += 1) sum += metric[i]! * y[i]! * y[i]!;
  return sum;
}
