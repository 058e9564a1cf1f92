/** Of FNV-1a in 32 bits (Fowler, Noll and Vo). */
const [offset, prime] = [0x811c9dc5, 0x01000193];

/**
 * A short name of numbers, by which two networks of the same name can be told apart. No protection against somebody who wants two to be
 * the same.
 * @param arrays in an order that is always the same
 * @returns eight hexadecimal digits
 */
export function fingerprintOf(arrays: Iterable<ArrayBufferView>): string {
  let hash = offset;
  for (const { buffer, byteOffset, byteLength } of arrays) {
    const bytes = new Uint8Array(buffer, byteOffset, byteLength);
    for (const byte of bytes) hash = Math.imul(hash ^ byte, prime);
  }
  return (hash >>> 0).toString(16).padStart(8, '0');
}
