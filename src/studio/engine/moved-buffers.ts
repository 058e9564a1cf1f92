/** The memory of all numbers in a message, which goes over to the other thread instead of being copied. */
export function movedBuffers(message: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const look = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      const { buffer } = value;
      // What several threads share stays where it is.
      if (buffer instanceof ArrayBuffer) found.add(buffer);
    } else if (Array.isArray(value)) value.forEach(look);
    else if (isPlain(value)) Object.values(value).forEach(look);
  };
  look(message);
  return [...found];
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
