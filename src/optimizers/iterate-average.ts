import { zerosLike, type FloatArray, type OptimizerState } from './optimizer.js';

/**
 * Exponential moving average of iterates, corrected for starting at zero: `a <- d a + (1 - d) x`, value `a / (1 - d^t)`.
 * Smooths what an optimiser's steps leave jittering.
 */
export class IterateAverage {
  private sum: FloatArray | undefined;
  private count = 0;

  /** @param decay `d`, at least 0 and below 1; 0 keeps the last iterate alone */
  constructor(private readonly decay: number) {}

  add(x: FloatArray): void {
    const sum = (this.sum ??= zerosLike(x));
    this.count += 1;
    for (let i = 0; i < x.length; i += 1) sum[i] = this.decay * sum[i]! + (1 - this.decay) * x[i]!;
  }

  /** The average so far, or `undefined` before the first iterate. */
  value(): FloatArray | undefined {
    const correction = 1 / (1 - this.decay ** this.count);
    return this.sum?.map((value: number) => value * correction);
  }

  state(): OptimizerState {
    return {
      name: 'average',
      scalars: { count: this.count },
      arrays: this.sum === undefined ? {} : { sum: this.sum.slice() },
    };
  }

  restore({ scalars, arrays }: OptimizerState): void {
    this.count = scalars['count']!;
    this.sum = arrays['sum']?.slice();
  }
}
