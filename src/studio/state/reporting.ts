import { StyleError } from '../../errors.js';
import { problem } from './run.js';

/** Does some work; what goes wrong is said where all else is. */
export async function reporting(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof StyleError)) throw error;
    problem.value = error;
  }
}
