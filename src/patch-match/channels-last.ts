import type { FeatureMap } from './windows.js';

/** A map with the channels of a position one after the other, `[H, W, C]`, zero beyond its borders. */
export class ChannelsLast {
  readonly channels: number;
  private readonly height: number;
  private readonly width: number;
  private readonly values: Float32Array;

  /** @param scale factor for all values */
  constructor({ channels, height, width, values }: FeatureMap, scale: number) {
    [this.channels, this.height, this.width] = [channels, height, width];
    this.values = new Float32Array(values.length);
    const size = height * width;
    for (let channel = 0; channel < channels; channel += 1) {
      for (let i = 0; i < size; i += 1) {
        this.values[i * channels + channel] = values[channel * size + i]! * scale;
      }
    }
  }

  /** Writes a stretch of a row, with zeros left out where it lies beyond the map. */
  writeRow(row: number, column: number, count: number, into: Float32Array, at: number): void {
    if (row < 0 || row >= this.height) return;
    const [from, to] = [Math.max(0, column), Math.min(this.width, column + count)];
    if (from >= to) return;
    const start = row * this.width;
    into.set(
      this.values.subarray((start + from) * this.channels, (start + to) * this.channels),
      at + (from - column) * this.channels,
    );
  }

  /** A window of the map, `[rows, columns, C]`. */
  window([row, column]: readonly [number, number], [rows, columns]: readonly [number, number]): Float32Array {
    const window = new Float32Array(rows * columns * this.channels);
    for (let y = 0; y < rows; y += 1) {
      this.writeRow(row + y, column, columns, window, y * columns * this.channels);
    }
    return window;
  }
}
