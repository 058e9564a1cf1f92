import { tapsInside, type PatchTaps, type TapRange, type TapsInside } from './patch-taps.js';
import type { FeatureMap } from './windows.js';

/** Squared lengths of a map's positions, and from them the norms of its patches. */
export class PatchNorms {
  private readonly energy: Float64Array;

  constructor(
    private readonly map: FeatureMap,
    private readonly taps: PatchTaps,
    scale: number,
  ) {
    const size = map.height * map.width;
    this.energy = new Float64Array(size);
    for (let channel = 0; channel < map.channels; channel += 1) {
      for (let i = 0; i < size; i += 1) {
        this.energy[i]! += (map.values[channel * size + i]! * scale) ** 2;
      }
    }
  }

  /** Norm of the patch at a position, over those of the given taps that lie inside the map. */
  norm(row: number, column: number, rows: TapRange, columns: TapRange): number {
    const { height, width } = this.map;
    const { first, step } = this.taps;
    let sum = 0;
    for (let k = rows.from; k < rows.to; k += 1) {
      const y = row + first + k * step;
      if (y < 0 || y >= height) continue;
      for (let l = columns.from; l < columns.to; l += 1) {
        const x = column + first + l * step;
        if (x >= 0 && x < width) sum += this.energy[y * width + x]!;
      }
    }
    return Math.sqrt(sum);
  }
}

/** Inner dimension of the product of norms: one for each pair of ranges of columns, and one for the epsilon. */
export const normRank = (a: TapsInside, b: TapsInside): number => a.ranges.length * b.ranges.length + 1;

/**
 * What a map contributes to the products of the norms of its patches with another map's. Only the taps count that lie inside
 * both maps: for two positions a rectangle, whose rows depend on the two rows and whose columns on the two columns. Away from
 * the borders it is the whole patch, and there are few others. So for two rows all products are one matrix product with an
 * inner dimension for each pair of ranges of columns: a position has its norm over the other's range there, in the places of
 * its own range.
 */
export class NormFactors {
  readonly rank: number;
  private readonly norms: PatchNorms;
  private readonly columns: { readonly own: TapsInside; readonly other: TapsInside };
  private readonly otherRows: TapsInside;

  /**
   * @param role which of the two maps it is
   * @param scale factor for the map's values
   * @param last what the map contributes to the epsilon
   */
  constructor(
    map: FeatureMap,
    other: FeatureMap,
    private readonly taps: PatchTaps,
    private readonly role: 'input' | 'target',
    scale: number,
    private readonly last: number,
  ) {
    this.norms = new PatchNorms(map, taps, scale);
    this.columns = { own: tapsInside(map.width, taps), other: tapsInside(other.width, taps) };
    this.otherRows = tapsInside(other.height, taps);
    this.rank = normRank(this.columns.own, this.columns.other);
  }

  /** A function for some columns: the factors of one of their rows against a row of the other map. */
  ofColumns(column: number, count: number): (row: number, otherRow: number) => Float32Array {
    const known: (Float32Array | undefined)[] = [];
    const whole = (row: number): Float32Array =>
      (known[row] ??= this.factors(row, { from: 0, to: this.taps.count }, column, count));
    return (row, otherRow) => {
      const range = this.rowRange(otherRow);
      return range.to - range.from === this.taps.count ? whole(row) : this.factors(row, range, column, count);
    };
  }

  /** The taps of a row of the other map that lie inside it. */
  rowRange(otherRow: number): TapRange {
    return this.otherRows.ranges[this.otherRows.of[otherRow]!]!;
  }

  /**
   * The factors of a row's columns, over some of its taps' rows: `[columns, rank]` of the input, `[rank, columns]` of the
   * target.
   */
  factors(row: number, rows: TapRange, column: number, count: number): Float32Array {
    const { own, other } = this.columns;
    const factors = new Float32Array(count * this.rank);
    const [inner, along] = this.role === 'input' ? [1, this.rank] : [count, 1];
    for (let i = 0; i < count; i += 1) {
      const mine = own.of[column + i]!;
      other.ranges.forEach((range, theirs) => {
        const pair =
          this.role === 'input' ? theirs * own.ranges.length + mine : mine * other.ranges.length + theirs;
        factors[i * along + pair * inner] = this.norms.norm(row, column + i, rows, range);
      });
      factors[i * along + (this.rank - 1) * inner] = this.last;
    }
    return factors;
  }
}
