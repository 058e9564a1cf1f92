import type { Comparison } from './comparison.js';
import { ChannelsLast } from './channels-last.js';
import { PatchNorms } from './patch-norms.js';
import { tapRadius, tapsInside, type PatchTaps, type TapRange, type TapsInside } from './patch-taps.js';
import type { FeatureMap } from './windows.js';

/** One of two maps, with what scores of single pairs need of it. */
interface ScoredMap {
  /** `[H, W, C]` with zeros around it, as many as a patch reaches. */
  readonly values: Float32Array;
  readonly width: number;
  readonly columns: number;
  readonly norms: PatchNorms;
  /** Norms of whole patches. */
  readonly whole: Float64Array;
  readonly rowTaps: TapsInside;
  readonly columnTaps: TapsInside;
}

/** Normalised cross-correlations of single pairs of patches, in double precision. */
export class PatchScores {
  private readonly input: ScoredMap;
  private readonly target: ScoredMap;
  private readonly taps: PatchTaps;
  private readonly channels: number;
  private readonly epsilon: number;

  constructor({ input, target, taps, scale, epsilon }: Comparison) {
    this.input = scoredMap(input, taps, scale.input);
    this.target = scoredMap(target, taps, scale.target);
    this.taps = taps;
    this.channels = input.channels;
    this.epsilon = epsilon;
  }

  /** The score of two positions, each counted by rows. */
  score(position: number, match: number): number {
    const { input: a, target: b } = this;
    const [y, x] = [Math.floor(position / a.width), position % a.width];
    const [row, column] = [Math.floor(match / b.width), match % b.width];
    return this.product(y, x, row, column) / (this.normProduct(y, x, row, column) + this.epsilon);
  }

  /** Beyond a map's border are zeros, so only taps inside both maps add anything. */
  private product(y: number, x: number, row: number, column: number): number {
    const { channels, input: a, target: b } = this;
    const { count, step } = this.taps;
    const [near, far] = [a.values, b.values];
    const [runs, length] = step === 1 ? [1, count * channels] : [count, channels];
    let first = 0;
    let second = 0;
    let third = 0;
    let fourth = 0;
    for (let k = 0; k < count; k += 1) {
      for (let run = 0; run < runs; run += 1) {
        let i = ((y + k * step) * a.columns + x + run * step) * channels;
        let j = ((row + k * step) * b.columns + column + run * step) * channels;
        const end = i + length;
        for (; i + 3 < end; i += 4, j += 4) {
          first += near[i]! * far[j]!;
          second += near[i + 1]! * far[j + 1]!;
          third += near[i + 2]! * far[j + 2]!;
          fourth += near[i + 3]! * far[j + 3]!;
        }
        for (; i < end; i += 1, j += 1) first += near[i]! * far[j]!;
      }
    }
    return first + second + third + fourth;
  }

  private normProduct(y: number, x: number, row: number, column: number): number {
    const { input: a, target: b } = this;
    const near = [rangeAt(a.rowTaps, y), rangeAt(a.columnTaps, x)] as const;
    const far = [rangeAt(b.rowTaps, row), rangeAt(b.columnTaps, column)] as const;
    const norm = (map: ScoredMap, i: number, j: number, [rows, columns]: typeof far): number =>
      this.isWhole(rows) && this.isWhole(columns)
        ? map.whole[i * map.width + j]!
        : map.norms.norm(i, j, rows, columns);
    return norm(a, y, x, far) * norm(b, row, column, near);
  }

  private isWhole({ from, to }: TapRange): boolean {
    return to - from === this.taps.count;
  }
}

const rangeAt = ({ ranges, of }: TapsInside, position: number): TapRange => ranges[of[position]!]!;

function scoredMap(map: FeatureMap, taps: PatchTaps, scale: number): ScoredMap {
  const { height, width } = map;
  const radius = tapRadius(taps);
  const norms = new PatchNorms(map, taps, scale);
  const all = { from: 0, to: taps.count };
  const columns = width + 2 * radius;
  return {
    // From a position's first tap on: a patch begins where its position is counted.
    values: new ChannelsLast(map, scale).window([taps.first, taps.first], [height + 2 * radius, columns]),
    width,
    columns,
    norms,
    whole: Float64Array.from({ length: height * width }, (_, i) =>
      norms.norm(Math.floor(i / width), i % width, all, all),
    ),
    rowTaps: tapsInside(height, taps),
    columnTaps: tapsInside(width, taps),
  };
}
