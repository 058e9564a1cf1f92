import { StyleError } from '../errors.js';
import { bfloat16ToFloat32, float32ToHalf, halfToFloat32 } from './half-float.js';
import {
  dtypeSizes,
  parseSafetensorsHeader,
  safetensorsError,
  safetensorsHeaderLength,
  type SafetensorsDtype,
  type SafetensorsEntry,
} from './safetensors-header.js';

export type { SafetensorsDtype } from './safetensors-header.js';

/** A typed array that holds a tensor's elements; F16 and BF16 are converted to and from float32. */
export type SafetensorsValues =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | Int16Array
  | Int8Array
  | BigUint64Array
  | Uint32Array
  | Uint16Array
  | Uint8Array;

/** A tensor in a safetensors file; its bytes are converted to numbers on request only. */
export class SafetensorsTensor {
  readonly name: string;
  readonly dtype: SafetensorsDtype;
  readonly shape: readonly number[];

  /**
   * @param entry the header's description
   * @param bytes the tensor's, little-endian, in row-major order
   */
  constructor(
    entry: Pick<SafetensorsEntry, 'name' | 'dtype' | 'shape'>,
    readonly bytes: Uint8Array,
  ) {
    this.name = entry.name;
    this.dtype = entry.dtype;
    this.shape = entry.shape;
  }

  /** Number of elements. */
  get size(): number {
    return this.bytes.length / dtypeSizes[this.dtype];
  }

  /**
   * The elements in the type that holds them exactly (F16 and BF16 as float32, BOOL as bytes).
   * May be a view on the file's bytes: read it, don't write it.
   */
  values(): SafetensorsValues {
    const { dtype } = this;
    if (dtype === 'F16') return halfToFloat32(view(Uint16Array, this.bytes));
    if (dtype === 'BF16') return bfloat16ToFloat32(view(Uint16Array, this.bytes));
    return view(elementTypes[dtype] as ElementType<SafetensorsValues>, this.bytes);
  }

  /** The elements as float32; integers and float64 are rounded. May be a view on the file's bytes: don't write it. */
  float32(): Float32Array {
    const values = this.values();
    if (values instanceof Float32Array) return values;
    return Float32Array.from(values as ArrayLike<number | bigint>, Number);
  }

  /** The elements as float64; 64-bit integers beyond 2^53 are rounded. May be a view on the file's bytes: don't write it. */
  float64(): Float64Array {
    const values = this.values();
    if (values instanceof Float64Array) return values;
    return Float64Array.from(values as ArrayLike<number | bigint>, Number);
  }
}

/** A safetensors file in memory. */
export class SafetensorsFile {
  /**
   * @param name the file's name, for messages
   * @param metadata the header's free-form strings
   * @param tensors by name, in the order of their bytes
   */
  constructor(
    readonly name: string,
    readonly metadata: Readonly<Record<string, string>>,
    readonly tensors: ReadonlyMap<string, SafetensorsTensor>,
  ) {}

  /**
   * The tensor of a name.
   * @throws StyleError `E_WEIGHTS_CONTENT` when the file has no such tensor
   */
  tensor(name: string): SafetensorsTensor {
    const tensor = this.tensors.get(name);
    if (!tensor) {
      const some = [...this.tensors.keys()].slice(0, 5).join(', ') || 'no tensors';
      throw new StyleError(
        'E_WEIGHTS_CONTENT',
        `"${this.name}" has no tensor ${name}; its first ones are ${some}.`,
        'Use a file that was saved for this purpose.',
      );
    }
    return tensor;
  }
}

/**
 * Opens a safetensors file (https://github.com/huggingface/safetensors#format): an unsigned little-endian 64-bit
 * header length, a JSON header, the tensors' bytes. Everything is validated; no tensor is converted yet.
 * @param bytes the whole file; it is referred to, not copied
 * @param name the file's name, for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` saying what was expected and what was found
 */
export function parseSafetensors(bytes: Uint8Array, name: string): SafetensorsFile {
  const headerLength = safetensorsHeaderLength(bytes, name);
  const dataStart = 8 + headerLength;
  if (bytes.length < dataStart) {
    throw safetensorsError(
      name,
      `its header should end at byte ${dataStart}, but the file has only ${bytes.length} bytes.`,
    );
  }
  const header = parseSafetensorsHeader(bytes.subarray(8, dataStart), name);
  const found = bytes.length - dataStart;
  if (found !== header.dataLength) {
    const outside = header.entries.find((entry) => entry.end > found);
    const detail = outside ? ` Tensor ${outside.name} is the first that is not complete.` : '';
    throw safetensorsError(
      name,
      `its tensors take ${header.dataLength} bytes, but ${found} bytes follow the header.${detail}`,
    );
  }
  const tensors = new Map<string, SafetensorsTensor>();
  for (const entry of header.entries) {
    const data = bytes.subarray(dataStart + entry.start, dataStart + entry.end);
    tensors.set(entry.name, new SafetensorsTensor(entry, data));
  }
  return new SafetensorsFile(name, header.metadata, tensors);
}

/** A tensor to be written. `data` is in row-major order and is converted to `dtype`; BF16 can only be read. */
export interface TensorToEncode {
  readonly dtype: Exclude<SafetensorsDtype, 'BF16'>;
  readonly shape: readonly number[];
  readonly data: SafetensorsValues | readonly number[];
}

/**
 * Writes a safetensors file. Tensors are laid out by descending element size and then by name, and the header is padded to
 * a multiple of eight bytes, so that every tensor is aligned and equal input gives equal bytes.
 * @param tensors by name
 * @param metadata free-form strings in the header
 * @throws StyleError `E_SHAPE` when a shape and the number of elements differ; `E_ARGUMENT` when a 64-bit integer tensor is
 * given in another type than a bigint array
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, TensorToEncode>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const ordered = Object.entries(tensors).sort(
    ([nameA, a], [nameB, b]) =>
      dtypeSizes[b.dtype] - dtypeSizes[a.dtype] || (nameA < nameB ? -1 : Number(nameA > nameB)),
  );
  const header: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  if (Object.keys(metadata).length > 0) header['__metadata__'] = metadata;
  let end = 0;
  for (const [name, { dtype, shape, data }] of ordered) {
    const elements = shape.reduce((product, size) => product * size, 1);
    if (elements !== data.length) {
      throw new StyleError(
        'E_SHAPE',
        `Tensor ${name} of shape [${shape.join(', ')}] needs ${elements} elements, but ${data.length} were given.`,
        'Give as many elements as the shape has.',
      );
    }
    const start = end;
    end += elements * dtypeSizes[dtype];
    header[name] = { dtype, shape, data_offsets: [start, end] };
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const headerLength = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(8 + headerLength + end).fill(0x20, 8, 8 + headerLength);
  new DataView(file.buffer).setBigUint64(0, BigInt(headerLength), true);
  file.set(json, 8);
  let position = 8 + headerLength;
  for (const [name, tensor] of ordered) {
    const bytes = elementBytes(name, tensor);
    file.set(bytes, position);
    position += bytes.length;
  }
  return file;
}

function elementBytes(name: string, { dtype, data }: TensorToEncode): Uint8Array {
  const type = dtype === 'F16' ? Uint16Array : elementTypes[dtype];
  const wide = type === BigInt64Array || type === BigUint64Array;
  if (wide !== (data instanceof BigInt64Array || data instanceof BigUint64Array)) {
    throw new StyleError(
      'E_ARGUMENT',
      `Tensor ${name} of element type ${dtype} was given as ${data.constructor.name}.`,
      '64-bit integers come as BigInt64Array or BigUint64Array, everything else as numbers.',
    );
  }
  if (dtype === 'F16') return asBytes(float32ToHalf(data as ArrayLike<number>));
  if (wide) return asBytes((type as BigInt64ArrayConstructor).from(data as BigInt64Array));
  return asBytes((type as Float32ArrayConstructor).from(data as ArrayLike<number>));
}

const elementTypes = {
  F64: Float64Array,
  F32: Float32Array,
  I64: BigInt64Array,
  I32: Int32Array,
  I16: Int16Array,
  I8: Int8Array,
  U64: BigUint64Array,
  U32: Uint32Array,
  U16: Uint16Array,
  U8: Uint8Array,
  BOOL: Uint8Array,
} as const;

interface ElementType<T> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): T;
}

/** The bytes as elements: a view where they are aligned, a copy where they are not. */
function view<T extends SafetensorsValues>(type: ElementType<T>, bytes: Uint8Array): T {
  const aligned = bytes.byteOffset % type.BYTES_PER_ELEMENT === 0 ? bytes : Uint8Array.from(bytes);
  return new type(aligned.buffer, aligned.byteOffset, aligned.length / type.BYTES_PER_ELEMENT);
}

function asBytes(values: SafetensorsValues): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
