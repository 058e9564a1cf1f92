/** Fields of TIFF directories by what they say (TIFF 6.0; DNG 1.4 for `dngVersion`). */
export const tiffTag = {
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  make: 271,
  samplesPerPixel: 277,
  subDirectories: 330,
  extraSamples: 338,
  sampleFormat: 339,
  dngVersion: 50_706,
} as const;

/** What field `photometric` says of a picture's colours. */
export const photometric = {
  whiteIsZero: 0,
  grey: 1,
  rgb: 2,
  palette: 3,
  inks: 5,
  yCbCr: 6,
  cieLab: 8,
  iccLab: 9,
  /** The mosaic of a camera's sensor. */
  mosaic: 32_803,
  /** A camera's linear colours. */
  linear: 34_892,
} as const;

/** One directory of a TIFF file: the fields that describe one of its pictures. */
export interface TiffDirectory {
  /** The whole numbers of a field, at most {@link mostNumbers} of them; none where the field is missing or holds other things. */
  numbers(tag: number): readonly number[];
  /** The text of a field, empty where it is missing. */
  text(tag: number): string;
  /** Where in the file the first whole number of a field stands, and how many bytes it has. */
  placeOf(tag: number): { readonly at: number; readonly bytes: number } | undefined;
}

export interface TiffFile {
  readonly littleEndian: boolean;
  /** That of the first picture, then those of the others and of the pictures within pictures. */
  readonly directories: readonly [TiffDirectory, ...TiffDirectory[]];
}

const mostNumbers = 256;
const mostDirectories = 64;

/** Bytes of a value by its field type. */
const typeBytes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};
const wholeNumberTypes: ReadonlySet<number> = new Set([1, 3, 4, 13, 16, 18]);
const textType = 2;

interface Field {
  readonly type: number;
  readonly count: number;
  readonly at: number;
}

/** A file's bytes with what its head says of their order and of the width of offsets: 8 bytes in BigTIFF. */
class TiffReader {
  private constructor(
    private readonly view: DataView,
    readonly littleEndian: boolean,
    private readonly big: boolean,
  ) {}

  static of(bytes: Uint8Array): TiffReader | undefined {
    if (bytes.length < 16) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const order = view.getUint16(0);
    if (order !== 0x4949 && order !== 0x4d4d) return undefined;
    const littleEndian = order === 0x4949;
    const version = view.getUint16(2, littleEndian);
    return version === 42 || version === 43 ? new TiffReader(view, littleEndian, version === 43) : undefined;
  }

  number(at: number, bytes: number): number {
    if (bytes === 1) return this.view.getUint8(at);
    if (bytes === 2) return this.view.getUint16(at, this.littleEndian);
    if (bytes === 4) return this.view.getUint32(at, this.littleEndian);
    return Number(this.view.getBigUint64(at, this.littleEndian));
  }

  private get offsetBytes(): number {
    return this.big ? 8 : 4;
  }

  firstDirectory(): number {
    return this.number(this.big ? 8 : 4, this.offsetBytes);
  }

  /** The fields of the directory at a place, and the place of the next one: 0 where there is none. */
  directory(at: number): { readonly fields: ReadonlyMap<number, Field>; readonly next: number } {
    const countBytes = this.big ? 8 : 2;
    const entryBytes = this.big ? 20 : 12;
    const entries = this.number(at, countBytes);
    const fields = new Map<number, Field>();
    let entry = at + countBytes;
    for (let i = 0; i < entries; i++, entry += entryBytes) {
      const type = this.number(entry + 2, 2);
      const count = this.number(entry + 4, this.offsetBytes);
      const value = entry + 4 + this.offsetBytes;
      // What fits stands in the entry itself, and anything longer elsewhere.
      const isInside = (typeBytes[type] ?? 1) * count <= this.offsetBytes;
      fields.set(this.number(entry, 2), {
        type,
        count,
        at: isInside ? value : this.number(value, this.offsetBytes),
      });
    }
    return { fields, next: this.number(entry, this.offsetBytes) };
  }

  describe(fields: ReadonlyMap<number, Field>): TiffDirectory {
    const read = (tag: number, isWanted: (type: number) => boolean): number[] => {
      const field = fields.get(tag);
      const bytes = field && typeBytes[field.type];
      if (field === undefined || bytes === undefined || !isWanted(field.type)) return [];
      const count = Math.min(field.count, mostNumbers);
      try {
        return Array.from({ length: count }, (_, i) => this.number(field.at + bytes * i, bytes));
      } catch (error) {
        if (error instanceof RangeError) return [];
        throw error;
      }
    };
    return {
      numbers: (tag) => read(tag, (type) => wholeNumberTypes.has(type)),
      text: (tag) =>
        String.fromCharCode(...read(tag, (type) => type === textType))
          .replace(/\0.*/s, '')
          .trim(),
      placeOf: (tag) => {
        const field = fields.get(tag);
        const bytes = field && typeBytes[field.type];
        return field === undefined || bytes === undefined ? undefined : { at: field.at, bytes };
      },
    };
  }
}

/**
 * Reads the directories of a TIFF or BigTIFF file.
 * @returns nothing when the bytes are no TIFF file or one whose first directory can't be read
 */
export function readTiff(bytes: Uint8Array): TiffFile | undefined {
  const reader = TiffReader.of(bytes);
  if (reader === undefined) return undefined;
  const directories: TiffDirectory[] = [];
  const seen = new Set<number>();
  const waiting = [reader.firstDirectory()];
  for (let at = waiting.shift(); at !== undefined; at = waiting.shift()) {
    // A chain of directories may run in a circle.
    if (at === 0 || seen.has(at) || seen.size === mostDirectories) continue;
    seen.add(at);
    try {
      const { fields, next } = reader.directory(at);
      const directory = reader.describe(fields);
      directories.push(directory);
      waiting.push(next, ...directory.numbers(tiffTag.subDirectories));
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (directories.length === 0) return undefined;
    }
  }
  const [first, ...others] = directories;
  return first && { littleEndian: reader.littleEndian, directories: [first, ...others] };
}

/**
 * A copy of a TIFF file whose first picture has other whole numbers in some fields, each of their values the same. A field
 * that the file lacks is left out.
 */
export function withTiffFields(
  bytes: Uint8Array,
  { littleEndian, directories: [first] }: TiffFile,
  changes: Readonly<Record<number, number>>,
): Uint8Array {
  const copy = new Uint8Array(bytes);
  const view = new DataView(copy.buffer, copy.byteOffset, copy.byteLength);
  for (const [tag, value] of Object.entries(changes)) {
    const place = first.placeOf(Number(tag));
    const count = first.numbers(Number(tag)).length;
    for (let i = 0; place !== undefined && i < count; i++) {
      const at = place.at + place.bytes * i;
      if (place.bytes === 1) view.setUint8(at, value);
      else if (place.bytes === 2) view.setUint16(at, value, littleEndian);
      else if (place.bytes === 4) view.setUint32(at, value, littleEndian);
      else view.setBigUint64(at, BigInt(value), littleEndian);
    }
  }
  return copy;
}
