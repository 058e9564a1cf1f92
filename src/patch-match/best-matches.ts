import { equalScores } from './first-best.js';

/** The best match of every position so far, whatever the order that they are found in. */
export class BestMatches {
  readonly matches: Int32Array;
  readonly scores: Float32Array;

  constructor(size: number) {
    this.matches = new Int32Array(size);
    this.scores = new Float32Array(size).fill(-Infinity);
  }

  /** Takes a match that is better than those before, or equal to the best of them and earlier in the target. */
  offer(position: number, match: number, score: number): void {
    const before = this.scores[position]!;
    const tolerance = before === -Infinity ? 0 : equalScores * Math.abs(before);
    const better = score > before + tolerance;
    if (better || (score >= before - tolerance && match < this.matches[position]!)) {
      this.matches[position] = match;
    }
    this.scores[position] = Math.max(before, score);
  }
}
