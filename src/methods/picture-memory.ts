import type { Image } from '../images/image.js';

/** Values that were computed of pictures: kept as long as the picture's pixels are, so that many runs share them. */
export class PictureMemory {
  private readonly values = new WeakMap<Float32Array, Map<string, Promise<unknown>>>();

  /** The value of a picture under a key, computed at its first use. */
  async get<Value>({ rgb }: Image, key: string, compute: () => Promise<Value>): Promise<Value> {
    const known = this.values.get(rgb) ?? new Map<string, Promise<unknown>>();
    this.values.set(rgb, known);
    const value = known.get(key) ?? compute();
    known.set(key, value);
    // What failed for one run need not fail for the next.
    value.catch(() => known.delete(key));
    return value as Promise<Value>;
  }
}
