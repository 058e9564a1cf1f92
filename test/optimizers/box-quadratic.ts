/**
 * The minimum of `1/2 x'Ax - b'x` with every `x_i` in [lower, upper], for a positive definite matrix: every choice of
 * variables at a bound is tried, the others solved for, and the one that stays inside and lies lowest taken.
 */
export function smallestInBox(
  matrix: readonly (readonly number[])[],
  b: readonly number[],
  lower: number,
  upper: number,
): Float64Array {
  const n = b.length;
  const value = (x: readonly number[]): number =>
    x.reduce(
      (sum, xi, i) => sum + xi * (x.reduce((s, xj, j) => s + 0.5 * matrix[i]![j]! * xj, 0) - b[i]!),
      0,
    );
  let best: number[] | undefined;
  for (let choice = 0; choice < 3 ** n; choice += 1) {
    const places = b.map((_, i) => Math.floor(choice / 3 ** i) % 3);
    const x = places.map((place) => (place === 0 ? lower : place === 1 ? upper : 0));
    const free = places.flatMap((place, i) => (place === 2 ? [i] : []));
    const solution = solve(
      free.map((i) => free.map((j) => matrix[i]![j]!)),
      free.map((i) => b[i]! - x.reduce((sum, xj, j) => sum + matrix[i]![j]! * xj, 0)),
    );
    free.forEach((i, k) => (x[i] = solution[k]!));
    const inside = free.every((i) => x[i]! >= lower && x[i]! <= upper);
    if (inside && (best === undefined || value(x) < value(best))) best = x;
  }
  return Float64Array.from(best!);
}

/** Gaussian elimination with pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const n = rows.length;
  for (let column = 0; column < n; column += 1) {
    let pivot = column;
    for (let i = column; i < n; i += 1)
      if (Math.abs(rows[i]![column]!) > Math.abs(rows[pivot]![column]!)) pivot = i;
    [rows[column], rows[pivot]] = [rows[pivot]!, rows[column]!];
    for (let i = 0; i < n; i += 1) {
      if (i === column) continue;
      const factor = rows[i]![column]! / rows[column]![column]!;
      for (let j = column; j <= n; j += 1) rows[i]![j]! -= factor * rows[column]![j]!;
    }
  }
  return rows.map((row, i) => row[n]! / row[i]!);
}
