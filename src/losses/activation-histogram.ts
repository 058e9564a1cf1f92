/** A histogram of activations, with bins of equal width. */
export interface ActivationHistogram {
  /** The middle of each bin. */
  readonly centres: readonly number[];
  /** By name, the fraction of the activations in each bin; each sums up to 1. */
  readonly parts: Readonly<Record<string, readonly number[]>>;
}

/**
 * Counts several sets of activations into the same bins, which span the values of all of them.
 * @param sets activations by name, none empty, all finite
 */
export function activationHistogram(
  sets: Readonly<Record<string, Float32Array>>,
  bins: number,
): ActivationHistogram {
  let [smallest, largest] = [Infinity, -Infinity];
  for (const values of Object.values(sets)) {
    for (const value of values) {
      if (value < smallest) smallest = value;
      if (value > largest) largest = value;
    }
  }
  // Equal activations fall into the first bin, whatever its width.
  const width = (largest - smallest) / bins || 1;
  const centres = Array.from({ length: bins }, (_, bin) => smallest + (bin + 0.5) * width);
  const parts = Object.fromEntries(
    Object.entries(sets).map(([name, values]) => {
      const counts = new Array<number>(bins).fill(0);
      for (const value of values) {
        counts[Math.min(bins - 1, Math.floor((value - smallest) / width))]! += 1;
      }
      return [name, counts.map((count) => count / values.length)];
    }),
  );
  return { centres, parts };
}
