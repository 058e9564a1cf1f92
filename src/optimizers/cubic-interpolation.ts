/** A point on a line through the variables: its distance from the start, the loss there, and its slope along the line. */
export interface LinePoint {
  readonly distance: number;
  readonly value: number;
  readonly slope: number;
}

/**
 * Distance of the minimum, between two bounds, of the cubic with the values and slopes of two points
 * (Nocedal and Wright 2006, equation 3.59). The middle of the bounds where the cubic has no minimum or a value isn't finite.
 */
export function cubicMinimum(a: LinePoint, b: LinePoint, lower: number, upper: number): number {
  const [left, right] = a.distance <= b.distance ? [a, b] : [b, a];
  const width = right.distance - left.distance;
  const d1 = left.slope + right.slope - (3 * (right.value - left.value)) / width;
  const d2 = Math.sqrt(d1 * d1 - left.slope * right.slope);
  const minimum = right.distance - (width * (right.slope + d2 - d1)) / (right.slope - left.slope + 2 * d2);
  return Number.isFinite(minimum) ? Math.min(Math.max(minimum, lower), upper) : (lower + upper) / 2;
}
