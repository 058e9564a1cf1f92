import type { Shape } from './shape.js';
import type { DataType, TensorData } from './tensor.js';

interface SharedConstant {
  readonly words: Int32Array;
  readonly name: string;
}

/**
 * Names of constants by their values, so that equal ones are written once. They may have a number for each position of a map, and are
 * compared by their bytes: as a text each would take many times its size.
 */
export class SharedConstants {
  private readonly known = new Map<string, SharedConstant[]>();

  /** The name of the constant with these values; the one that `add` gives it where there is none yet. */
  nameOf(data: Exclude<TensorData, Uint8Array>, shape: Shape, dtype: DataType, add: () => string): string {
    const words = new Int32Array(data.buffer, data.byteOffset, data.byteLength / 4);
    const key = `${dtype} ${shape.join()} ${hashOf(words)}`;
    const alike = this.known.get(key) ?? [];
    this.known.set(key, alike);
    const equal = alike.find(
      (one) => one.words.length === words.length && one.words.every((word, i) => word === words[i]),
    );
    if (equal !== undefined) return equal.name;
    const name = add();
    alike.push({ words, name });
    return name;
  }
}

/** FNV-1a, by words. */
function hashOf(words: Int32Array): number {
  let hash = -2128831035;
  for (let i = 0; i < words.length; i += 1) hash = Math.imul(hash ^ words[i]!, 16777619);
  return hash;
}

/** Whole numbers as ONNX has them, of 64 bits. */
export function integers64(values: ArrayLike<number>): BigInt64Array {
  const integers = new BigInt64Array(values.length);
  // Little-endian halves, as in the file: making a BigInt of each number would take most of the time.
  const halves = new Int32Array(integers.buffer);
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i]!;
    if (value === (value | 0)) {
      halves[2 * i] = value;
      halves[2 * i + 1] = value < 0 ? -1 : 0;
    } else integers[i] = BigInt(value);
  }
  return integers;
}
