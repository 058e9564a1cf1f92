/**
 * Shares a number of steps out over scales in given proportions, whole steps to each.
 * @param total the steps of all scales together
 * @param proportions what each scale gets against the others; not all 0
 * @returns one number a scale, with exactly `total` as their sum
 */
export function shareIterations(total: number, proportions: readonly number[]): number[] {
  const sum = proportions.reduce((before, share) => before + share, 0);
  let reached = 0;
  let part = 0;
  return proportions.map((share) => {
    const before = reached;
    part += share;
    reached = Math.round((total * part) / sum);
    return reached - before;
  });
}
