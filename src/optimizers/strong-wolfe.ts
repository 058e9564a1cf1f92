import { cubicMinimum, type LinePoint } from './cubic-interpolation.js';

/** Sufficient decrease and curvature: Nocedal and Wright 2006, equations 3.7, with the constants usual for quasi-Newton. */
const decrease = 1e-4;
const curvature = 0.9;
/** A bracket's far end moves out by 0.01 of the last interval at least, and to 10 times its distance at most. */
const leastGrowth = 0.01;
const mostGrowth = 10;
/** A trial nearer to a bracket's end than this part of its width shrinks the bracket too little. */
const margin = 0.1;
/** Brackets in which no variable can change by more are not searched further. */
const narrowest = 1e-9;

/** A loss along a line. */
export interface Line {
  /** Evaluates the loss at a distance from the start. */
  at(distance: number): Promise<LinePoint>;
  /**
   * Marks the point last evaluated as the best so far. Only its gradient is needed later, so that two buffers suffice for a
   * search.
   */
  keep(): void;
}

/**
 * Finds a distance along a line at which the loss satisfies the strong Wolfe conditions (Nocedal and Wright 2006,
 * algorithms 3.5 and 3.6), with cubic interpolation. Trials where the loss isn't finite count as too high.
 * @param line the loss along the line
 * @param start the point at distance 0, whose slope is negative
 * @param first the first distance to try
 * @param largest the largest absolute component of the direction, which converts distances to changes of a variable
 * @param trials the most evaluations after the first
 * @returns the best point found, the one last kept; `start` itself when none is better
 */
export async function strongWolfeSearch(
  line: Line,
  start: LinePoint,
  first: number,
  largest: number,
  trials = 25,
): Promise<LinePoint> {
  const tooHigh = ({ distance, value }: LinePoint): boolean =>
    !(value <= start.value + decrease * distance * start.slope);
  const flat = ({ slope }: LinePoint): boolean => Math.abs(slope) <= -curvature * start.slope;

  // Outwards, until an interval must contain a point that satisfies both conditions.
  let low = start;
  let high = await line.at(first);
  let used = 0;
  while (!tooHigh(high) && (used < 2 || high.value < low.value)) {
    if (flat(high)) {
      line.keep();
      return high;
    }
    if (high.slope >= 0) break;
    if (used === trials) {
      line.keep();
      return high;
    }
    const nearest = high.distance + leastGrowth * (high.distance - low.distance);
    const next = cubicMinimum(low, high, nearest, mostGrowth * high.distance);
    line.keep();
    low = high;
    high = await line.at(next);
    used += 1;
  }
  // From here on `low` is the better end of the interval, on whichever side it lies.
  if (high.value < low.value) {
    line.keep();
    [low, high] = [high, low];
  }

  // Inwards, keeping such a point inside.
  let slow = false;
  while (used < trials) {
    const left = Math.min(low.distance, high.distance);
    const right = Math.max(low.distance, high.distance);
    if ((right - left) * largest < narrowest) break;
    let distance = cubicMinimum(low, high, left, right);
    // Twice in a row near an end, or at the end itself: a step away from it, or the interval hardly shrinks.
    const room = margin * (right - left);
    const near: boolean = Math.min(right - distance, distance - left) < room;
    const escape: boolean = near && (slow || distance <= left || distance >= right);
    if (escape) distance = right - distance < distance - left ? right - room : left + room;
    slow = near && !escape;

    const trial = await line.at(distance);
    used += 1;
    if (trial.value < low.value) {
      line.keep();
      const accepted = !tooHigh(trial);
      if (accepted && flat(trial)) return trial;
      if (!accepted || trial.slope * (high.distance - low.distance) >= 0) high = low;
      low = trial;
    } else {
      high = trial;
    }
  }
  return low;
}
