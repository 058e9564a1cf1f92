/** Number of bytes of one value of TIFF's field types BYTE, ASCII, SHORT, LONG, UNDEFINED (TIFF 6.0, section 2). */
const fieldSizes: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 7: 1 };

export type TiffField = readonly [type: 1 | 2 | 3 | 4 | 7, values: readonly number[] | Uint8Array];

const sampleCodes = { uint: 1, int: 2, float: 3, complex: 5 } as const;

export interface TiffOptions {
  readonly width: number;
  readonly height: number;
  /** Samples of a pixel; the list `samples` holds `width * height * channels` of them. */
  readonly channels: number;
  readonly samples: readonly number[];
  readonly bits: 8 | 16 | 32 | 64;
  readonly format?: keyof typeof sampleCodes;
  /** Tag 262: 1 grey, 2 RGB, 5 CMYK, 8 CIELab, 9 ICCLab, 32803 the mosaic of a camera's sensor. */
  readonly photometric: number;
  /** Of each sample beyond those of the colours: 0 nothing known, 1 premultiplied alpha, 2 alpha. */
  readonly extraSamples?: readonly number[];
  readonly orientation?: number;
  readonly profile?: Uint8Array;
  readonly bigEndian?: boolean;
  /** Further fields by their tags, or others in place of those above. */
  readonly fields?: Readonly<Record<number, TiffField>>;
  /** Directories that field 330 (SubIFDs) leads to. */
  readonly subDirectories?: readonly Readonly<Record<number, TiffField>>[];
}

/**
 * An uncompressed TIFF file, written here by hand since sharp writes neither floats of grey, nor integers of 32 bits, nor
 * Lab, nor CMYK of 16 bits.
 */
export function tiff(options: TiffOptions): Buffer {
  const { width, height, channels, samples, bits, format = 'uint', bigEndian = false } = options;
  const bytes = Buffer.alloc((samples.length * bits) / 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  samples.forEach((value, i) => {
    const at = (i * bits) / 8;
    if (format === 'float' && bits === 64) view.setFloat64(at, value, !bigEndian);
    else if (format === 'float' && bits === 32) view.setFloat32(at, value, !bigEndian);
    else if (format === 'complex') view.setFloat32(at, value, !bigEndian);
    else if (bits === 8) view.setInt8(at, value);
    else if (bits === 16) view.setInt16(at, value, !bigEndian);
    else view.setInt32(at, value, !bigEndian);
  });
  const pixels = 8;
  const repeated = (value: number): number[] => Array<number>(channels).fill(value);
  const fields: Record<number, TiffField> = {
    256: [4, [width]],
    257: [4, [height]],
    258: [3, repeated(bits)],
    259: [3, [1]],
    262: [3, [options.photometric]],
    273: [4, [pixels]],
    277: [3, [channels]],
    278: [4, [height]],
    279: [4, [bytes.length]],
    339: [3, repeated(sampleCodes[format])],
    ...(options.orientation !== undefined && { 274: [3, [options.orientation]] }),
    ...(options.extraSamples && { 338: [3, options.extraSamples] }),
    ...(options.profile && { 34675: [7, options.profile] }),
    ...options.fields,
  };
  const chunks: Buffer[] = [bytes];
  let end = pixels + bytes.length;
  const put = (chunk: Buffer): number => {
    const at = end;
    chunks.push(chunk);
    end += chunk.length;
    return at;
  };
  const directory = (own: Readonly<Record<number, TiffField>>): number => {
    const entries = Object.entries(own).sort(([a], [b]) => Number(a) - Number(b));
    const table = Buffer.alloc(2 + 12 * entries.length + 4);
    const tableView = new DataView(table.buffer, table.byteOffset, table.byteLength);
    tableView.setUint16(0, entries.length, !bigEndian);
    entries.forEach(([tag, [type, values]], i) => {
      const at = 2 + 12 * i;
      const size = fieldSizes[type]!;
      const data = Buffer.alloc(Math.max(4, size * values.length));
      const dataView = new DataView(data.buffer, data.byteOffset, data.byteLength);
      values.forEach((value, k) => {
        if (size === 1) dataView.setUint8(k, value);
        else if (size === 2) dataView.setUint16(2 * k, value, !bigEndian);
        else dataView.setUint32(4 * k, value, !bigEndian);
      });
      tableView.setUint16(at, Number(tag), !bigEndian);
      tableView.setUint16(at + 2, type, !bigEndian);
      tableView.setUint32(at + 4, values.length, !bigEndian);
      if (data.length > 4) tableView.setUint32(at + 8, put(data), !bigEndian);
      else data.copy(table, at + 8);
    });
    return put(table);
  };
  if (options.subDirectories) fields[330] = [4, options.subDirectories.map(directory)];
  const first = directory(fields);
  const head = Buffer.from(bigEndian ? 'MM\0*\0\0\0\0' : 'II*\0\0\0\0\0', 'latin1');
  new DataView(head.buffer, head.byteOffset).setUint32(4, first, !bigEndian);
  return Buffer.concat([head, ...chunks]);
}
