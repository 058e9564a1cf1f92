import { add, divide, type Tensor } from '../graph/index.js';

/** Keeps the loss finite for a target without any energy, such as the features of a black picture. */
const smallestEnergy = 1e-12;

/** A sum of squared differences against the energy (sum of squares) of what they are differences from. */
export const relativeTo = (sumOfSquares: Tensor, energy: Tensor): Tensor =>
  divide(sumOfSquares, add(energy, smallestEnergy));
