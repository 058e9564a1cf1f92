import { StyleError } from '../errors.js';
import type { FloatArray, OptimizerState } from './optimizer.js';

/** Reads the parts of a saved state, and rejects one that is another optimiser's or incomplete. */
export class SavedValues {
  /**
   * @param name the optimiser that the state has to be of
   * @throws StyleError `E_STATE` when it is of another one
   */
  constructor(
    private readonly state: OptimizerState,
    name: string,
  ) {
    if (state.name !== name) throw unusable(`is of the optimiser "${state.name}", not "${name}"`);
  }

  has(array: string): boolean {
    return this.state.arrays[array] !== undefined;
  }

  /** @throws StyleError `E_STATE` when there is no such finite number */
  scalar(name: string): number {
    const value = this.state.scalars[name];
    if (value === undefined || !Number.isFinite(value)) throw unusable(`has no number "${name}"`);
    return value;
  }

  /**
   * A copy of an array.
   * @param length the length that it must have, where that is known
   * @throws StyleError `E_STATE` when there is no such array of that length
   */
  array(name: string, length?: number): FloatArray {
    const values = this.state.arrays[name];
    if (values === undefined) throw unusable(`has no values "${name}"`);
    if (length !== undefined && values.length !== length) {
      throw unusable(`has ${values.length} values "${name}" where ${length} are expected`);
    }
    return values.slice();
  }
}

function unusable(why: string): StyleError {
  return new StyleError(
    'E_STATE',
    `The saved optimiser state ${why}.`,
    'Resume with the options of the run that saved it, or start anew.',
  );
}
