/** A point on the line: its distance, the loss there, the loss' slope along the line, and what belongs to it. */
export interface LinePoint<T> {
  readonly distance: number;
  readonly value: number;
  readonly slope: number;
  readonly at: T;
}

/** Sufficient decrease and curvature: Nocedal and Wright 2006, equations 3.7, with the constants usual for quasi-Newton. */
const decrease = 1e-4;
const curvature = 0.9;
/** How far a bracket may grow, and how little it must, from one trial to the next. */
const largestGrowth = 10;
const smallestGrowth = 0.01;
/** A trial nearer to a bracket's end than this part of its width makes too little progress. */
const margin = 0.1;
const narrowestBracket = 1e-9;

/**
 * Finds a distance along a line at which the loss satisfies the strong Wolfe conditions (Nocedal and Wright 2006,
 * algorithms 3.5 and 3.6), with cubic interpolation.
 * @param start the point at distance 0, whose slope is negative
 * @param first the first distance to try
 * @param largest the largest absolute component of the direction, which turns distances into changes of a variable
 * @param evaluate the point at a distance
 * @param trials the most evaluations
 * @returns the best point found, which may be the start itself
 */
export async function strongWolfeSearch<T>(
  start: LinePoint<T>,
  first: number,
  largest: number,
  evaluate: (distance: number) => Promise<LinePoint<T>>,
  trials = 25,
): Promise<LinePoint<T>> {
  const tooHigh = ({ distance, value }: LinePoint<T>): boolean =>
    value > start.value + decrease * distance * start.slope;
  const flat = ({ slope }: LinePoint<T>): boolean => Math.abs(slope) <= -curvature * start.slope;

  let previous = start;
  let current = await evaluate(first);
  let used = 0;
  let bracket: readonly [LinePoint<T>, LinePoint<T>] | undefined;
  while (used < trials && bracket === undefined) {
    if (tooHigh(current) || (used > 1 && current.value >= previous.value)) bracket = [previous, current];
    else if (flat(current)) return current;
    else if (current.slope >= 0) bracket = [previous, current];
    else {
      const width = current.distance - previous.distance;
      const next = cubicMinimum(
        previous,
        current,
        current.distance + smallestGrowth * width,
        current.distance * largestGrowth,
      );
      previous = current;
      current = await evaluate(next);
      used += 1;
    }
  }
  // The better end first.
  let [low, high] = bracket ?? [start, current];
  if (high.value < low.value) [low, high] = [high, low];

  let stuck = false;
  while (used < trials) {
    const left = Math.min(low.distance, high.distance);
    const right = Math.max(low.distance, high.distance);
    if ((right - left) * largest < narrowestBracket) break;
    const [near, far] = low.distance < high.distance ? [low, high] : [high, low];
    let distance = cubicMinimum(near, far, left, right);
    // Twice in a row next to an end, or on it: step away from it, or the bracket never shrinks.
    const room = margin * (right - left);
    if (Math.min(right - distance, distance - left) < room) {
      const escape: boolean = stuck || distance >= right || distance <= left;
      if (escape)
        distance = Math.abs(distance - right) < Math.abs(distance - left) ? right - room : left + room;
      stuck = !escape;
    } else stuck = false;
    const trial = await evaluate(distance);
    used += 1;
    if (tooHigh(trial) || trial.value >= low.value) {
      [low, high] = trial.value < low.value ? [trial, low] : [low, trial];
    } else {
      if (flat(trial)) return trial;
      [low, high] = [trial, trial.slope * (high.distance - low.distance) >= 0 ? low : high];
    }
  }
  return low;
}

/** Minimum between bounds of the cubic through two points with their slopes (Nocedal and Wright 2006, equation 3.59). */
function cubicMinimum<T>(a: LinePoint<T>, b: LinePoint<T>, lower: number, upper: number): number {
  const [left, right] = a.distance <= b.distance ? [a, b] : [b, a];
  const d1 = left.slope + right.slope - (3 * (left.value - right.value)) / (left.distance - right.distance);
  const discriminant = d1 * d1 - left.slope * right.slope;
  // The negation also catches what is not a number.
  if (!(discriminant >= 0)) return (lower + upper) / 2;
  const d2 = Math.sqrt(discriminant);
  const minimum =
    right.distance -
    (right.distance - left.distance) * ((right.slope + d2 - d1) / (right.slope - left.slope + 2 * d2));
  return Math.min(Math.max(minimum, lower), upper);
}
