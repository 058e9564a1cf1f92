import { halfToFloat32, readHalves, writeHalves } from '../../formats/half-float.js';

/**
 * The values of a map in half the memory, as binary16: to three digits. What a picture is compared with is held so where there is no room
 * for more.
 */
export class HalfMap {
  private readonly patterns: Uint16Array;

  constructor(readonly length: number) {
    this.patterns = new Uint16Array(length);
  }

  static of(values: Float32Array): HalfMap {
    const map = new HalfMap(values.length);
    map.set(values, 0);
    return map;
  }

  /** All of them as floats, in memory of their own. */
  floats(): Float32Array {
    return halfToFloat32(this.patterns);
  }

  /** Takes values. @param at where the first one goes */
  set(values: Float32Array, at: number): void {
    writeHalves(values, this.patterns, at);
  }

  /** Copies the values from one index to before another. @param at where the first one goes */
  copyTo(from: number, to: number, values: Float32Array, at: number): void {
    readHalves(this.patterns, from, to, values, at);
  }
}
