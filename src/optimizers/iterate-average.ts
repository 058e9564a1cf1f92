import { StyleError } from '../errors.js';
import type { FloatArray, OptimizerState } from './optimizer.js';
import { SavedValues } from './saved-values.js';
import { checkLength, zerosLike } from './vectors.js';

const name = 'average';

/**
 * Exponential moving average of iterates, corrected for starting at zero: after t iterates, `a <- d a + (1 - d) x`, and
 * the average is `a / (1 - d^t)` (as Kingma and Ba 2015, section 7.2). It removes the noise of an optimiser's last steps.
 */
export class IterateAverage {
  private sum: FloatArray | undefined;
  private count = 0;

  /**
   * @param decay `d`, at least 0 and below 1; 0 keeps the last iterate alone
   * @throws StyleError `E_ARGUMENT` when it is not
   */
  constructor(private readonly decay: number) {
    if (decay >= 0 && decay < 1) return;
    throw new StyleError(
      'E_ARGUMENT',
      `An average of iterates can't have the decay ${decay}.`,
      'Give a number that is at least 0 and below 1, such as 0.99.',
    );
  }

  /**
   * Adds an iterate; it is copied.
   * @throws StyleError `E_SHAPE` when it has another length than the one before
   */
  add(x: FloatArray): void {
    const { decay } = this;
    const sum = (this.sum ??= zerosLike(x));
    checkLength('average', x, sum.length);
    this.count += 1;
    for (let i = 0; i < x.length; i += 1) sum[i] = decay * sum[i]! + (1 - decay) * x[i]!;
  }

  /** The average so far, in a new array; `undefined` before the first iterate. */
  value(): FloatArray | undefined {
    if (this.sum === undefined) return undefined;
    const average = zerosLike(this.sum);
    const weight = 1 - this.decay ** this.count;
    for (let i = 0; i < average.length; i += 1) average[i] = this.sum[i]! / weight;
    return average;
  }

  /** The state after the last iterate; the array is a copy. */
  state(): OptimizerState {
    const { sum, count } = this;
    return { name, scalars: { count }, arrays: sum === undefined ? {} : { sum: sum.slice() } };
  }

  /** @throws StyleError `E_STATE` when the state is something else's or incomplete */
  restore(state: OptimizerState): void {
    const saved = new SavedValues(state, name);
    const count = saved.scalar('count');
    this.sum = saved.has('sum') || count > 0 ? saved.array('sum') : undefined;
    this.count = count;
  }
}
