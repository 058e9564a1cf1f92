import { StyleError } from '../errors.js';

/** Bytes per element of every element type that Pastiche reads. */
export const dtypeSizes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U64: 8,
  U32: 4,
  U16: 2,
  U8: 1,
  BOOL: 1,
} as const;

export type SafetensorsDtype = keyof typeof dtypeSizes;

/** One tensor as a header describes it; `start` and `end` are byte offsets from the first byte after the header. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];
  readonly start: number;
  readonly end: number;
}

/** A parsed header: the file's metadata, and its tensors in the order of their bytes. */
export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  readonly entries: readonly SafetensorsEntry[];
  /** Length of all tensors' bytes: the file has `8 + header + dataLength` bytes. */
  readonly dataLength: number;
}

/** The longest header the format allows. */
const longestHeader = 100_000_000;

/** @returns the E_WEIGHTS_FORMAT error for a file that breaks the safetensors format. */
export function safetensorsError(name: string, problem: string, options?: ErrorOptions): StyleError {
  return new StyleError(
    'E_WEIGHTS_FORMAT',
    `"${name}" is not a valid safetensors file: ${problem}`,
    'Get the file again; it may be cut off, damaged or of another format.',
    options,
  );
}

/**
 * Reads the first eight bytes of a safetensors file: the length of the JSON header that follows.
 * @param prefix at least the file's first eight bytes
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` when there are fewer bytes or the length is out of range
 */
export function safetensorsHeaderLength(prefix: Uint8Array, name: string): number {
  if (prefix.length < 8) {
    throw safetensorsError(name, `it has ${prefix.length} bytes, and at least 8 were expected.`);
  }
  const length = new DataView(prefix.buffer, prefix.byteOffset, 8).getBigUint64(0, true);
  if (length < 2n || length > BigInt(longestHeader)) {
    throw safetensorsError(
      name,
      `its first 8 bytes give a header of ${length} bytes, and 2 to ${longestHeader} were expected.`,
    );
  }
  return Number(length);
}

/**
 * Parses and validates a safetensors header: JSON with `{ name: { dtype, shape, data_offsets } }`, the tensors'
 * bytes following one another without gaps or overlaps, each as long as its shape and element type say.
 * @param json the header's bytes, without the length before them
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` saying what was expected and what was found
 */
export function parseSafetensorsHeader(json: Uint8Array, name: string): SafetensorsHeader {
  const root = parseJson(json, name);
  if (!isRecord(root)) throw safetensorsError(name, 'its header is not a JSON object.');
  let metadata: Record<string, string> = {};
  const entries: SafetensorsEntry[] = [];
  for (const [key, value] of Object.entries(root)) {
    if (key === '__metadata__') metadata = parseMetadata(value, name);
    else entries.push(parseEntry(key, value, name));
  }
  entries.sort((a, b) => a.start - b.start || a.end - b.end);
  let expected = 0;
  for (const entry of entries) {
    if (entry.start !== expected) {
      const fault = entry.start < expected ? 'overlaps the tensor before it' : 'leaves a gap before it';
      throw safetensorsError(
        name,
        `tensor ${entry.name} begins at byte ${entry.start} and so ${fault}; ${expected} was expected.`,
      );
    }
    expected = entry.end;
  }
  return { metadata, entries, dataLength: expected };
}

function parseJson(json: Uint8Array, name: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(json));
  } catch (cause) {
    throw safetensorsError(name, 'its header is not JSON in UTF-8.', { cause });
  }
}

function parseMetadata(value: unknown, name: string): Record<string, string> {
  if (!isRecord(value) || Object.values(value).some((text) => typeof text !== 'string')) {
    throw safetensorsError(name, '__metadata__ in its header is not an object of strings.');
  }
  return value as Record<string, string>;
}

function parseEntry(tensor: string, value: unknown, name: string): SafetensorsEntry {
  if (!isRecord(value))
    throw safetensorsError(name, `the header's entry of tensor ${tensor} is not an object.`);
  const { dtype, shape, data_offsets: offsets } = value;
  if (typeof dtype !== 'string' || !Object.hasOwn(dtypeSizes, dtype)) {
    const known = Object.keys(dtypeSizes).join(', ');
    throw safetensorsError(
      name,
      `tensor ${tensor} has the element type ${JSON.stringify(dtype)}, and one of ${known} was expected.`,
    );
  }
  if (!isSizes(shape)) {
    throw safetensorsError(
      name,
      `tensor ${tensor} has the shape ${JSON.stringify(shape)}, and a list of sizes was expected.`,
    );
  }
  if (!isSizes(offsets) || offsets.length !== 2 || offsets[0]! > offsets[1]!) {
    throw safetensorsError(
      name,
      `tensor ${tensor} has data_offsets ${JSON.stringify(offsets)}, and [begin, end] was expected.`,
    );
  }
  const [start, end] = offsets as [number, number];
  const needed = shape.reduce((product, size) => product * size, dtypeSizes[dtype as SafetensorsDtype]);
  if (needed !== end - start) {
    throw safetensorsError(
      name,
      `tensor ${tensor} of shape [${shape.join(', ')}] and type ${dtype} has ${end - start} bytes, ` +
        `and ${needed} were expected.`,
    );
  }
  return { name: tensor, dtype: dtype as SafetensorsDtype, shape, start, end };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isSizes(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && size >= 0);
}
