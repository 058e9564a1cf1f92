import type { ImageFormat } from './codec.js';
import { photometric, readTiff, tiffTag } from './tiff-directory.js';

/** What a file is by its first bytes: a format that is read, or something else with what can be done about it. */
export type FileKind =
  | { readonly format: ImageFormat }
  | {
      /** As the end of "It is ...". */
      readonly what: string;
      readonly remedy: string;
      /** Whether it holds a picture or drawing at all. */
      readonly isPicture: boolean;
    };

const saveAs = 'Open it in a picture viewer or editor and save it as PNG or JPEG.';
const remedies = {
  convert: saveAs,
  hevc:
    'Convert it to JPEG or PNG: on a Mac open it in Preview or Photos and export it as JPEG; ' +
    'an iPhone takes its pictures as JPEG when "Most Compatible" is chosen under Settings, Camera, Formats.',
  layers: 'Open it in the program that made it, or in GIMP or Krita, and export it as PNG or JPEG.',
  raw:
    "Develop it to JPEG or 16-bit TIFF with the camera maker's program, Lightroom, darktable or RawTherapee, " +
    'or take the JPEG that the camera wrote beside it.',
  toneMap:
    'Tone-map it in a picture editor to the range from black to white and save it as 16-bit TIFF or PNG.',
  render: 'Export it as PNG at the size that you need, for example with Inkscape or a PDF viewer.',
  still: 'Take a still from it and save that as PNG or JPEG.',
  unpack: 'Unpack it and name a picture that is in it.',
  download: 'Open it in a browser or an editor to see what it says, and get the picture itself again.',
  again: 'Get it again: the download or the copy broke off.',
} as const;

const foreign = (what: string, remedy: keyof typeof remedies, isPicture = true): FileKind => ({
  what,
  remedy: remedies[remedy],
  isPicture,
});

/** What begins with these bytes, as Latin-1 text. Longer beginnings stand before shorter ones that they begin with. */
const beginnings: readonly (readonly [start: string, kind: FileKind])[] = [
  ['\xff\xd8\xff', { format: 'jpeg' }],
  ['\x89PNG\r\n\x1a\n', { format: 'png' }],
  ['GIF87a', { format: 'gif' }],
  ['GIF89a', { format: 'gif' }],
  ['8BPS\0\x02', foreign('a large Photoshop document (PSB)', 'layers')],
  ['8BPS', foreign('a Photoshop document (PSD)', 'layers')],
  ['gimp xcf', foreign('a GIMP picture (XCF)', 'layers')],
  ['CSFCHUNK', foreign('a Clip Studio picture', 'layers')],
  ['\0\xffKA', foreign('an Affinity document', 'layers')],
  ['FUJIFILMCCD-RAW', foreign('a camera raw file (Fujifilm RAF)', 'raw')],
  ['IIRO', foreign('a camera raw file (Olympus ORF)', 'raw')],
  ['IIRS', foreign('a camera raw file (Olympus ORF)', 'raw')],
  ['MMOR', foreign('a camera raw file (Olympus ORF)', 'raw')],
  ['IIU\0', foreign('a camera raw file (Panasonic RW2)', 'raw')],
  ['FOVb', foreign('a camera raw file (Sigma X3F)', 'raw')],
  ['\0MRM', foreign('a camera raw file (Minolta MRW)', 'raw')],
  ['\xff\x0a', foreign('a JPEG XL picture', 'convert')],
  ['\0\0\0\x0cJXL ', foreign('a JPEG XL picture', 'convert')],
  ['\0\0\0\x0cjP  ', foreign('a JPEG 2000 picture', 'convert')],
  ['\xff\x4f\xff\x51', foreign('a JPEG 2000 picture', 'convert')],
  ['II\xbc\x01', foreign('a JPEG XR picture', 'convert')],
  ['\0\0\x01\0', foreign('a Windows icon (ICO)', 'convert')],
  ['\0\0\x02\0', foreign('a Windows cursor (CUR)', 'convert')],
  ['icns', foreign('a macOS icon (ICNS)', 'convert')],
  ['DDS ', foreign('a DirectDraw texture (DDS)', 'convert')],
  ['qoif', foreign('a QOI picture', 'convert')],
  ['SIMPLE  =', foreign('a FITS picture of astronomy', 'toneMap')],
  ['\x76\x2f\x31\x01', foreign('an OpenEXR picture, whose values go beyond white', 'toneMap')],
  ['#?RADIANCE', foreign('a Radiance HDR picture, whose values go beyond white', 'toneMap')],
  ['#?RGBE', foreign('a Radiance HDR picture, whose values go beyond white', 'toneMap')],
  ['%!PS', foreign('a PostScript drawing', 'render')],
  ['\xc5\xd0\xd3\xc6', foreign('a PostScript drawing (EPS)', 'render')],
  ['\xd7\xcd\xc6\x9a', foreign('a Windows drawing (WMF)', 'render')],
  ['\x1a\x45\xdf\xa3', foreign('a video (Matroska or WebM)', 'still', false)],
  ['OggS', foreign('a sound or video file (Ogg)', 'still', false)],
  ['PK\x03\x04', foreign('an archive (ZIP), or a document that is one', 'unpack', false)],
  ['\x1f\x8b', foreign('a compressed file (gzip)', 'unpack', false)],
  ['7z\xbc\xaf\x27\x1c', foreign('an archive (7z)', 'unpack', false)],
  ['Rar!\x1a\x07', foreign('an archive (RAR)', 'unpack', false)],
  [
    '\0\x05\x16\x07',
    {
      what: 'a companion file of macOS (AppleDouble), with attributes of another file',
      remedy: 'Name the file without "._" at its beginning.',
      isPicture: false,
    },
  ],
];

const latin1 = (bytes: Uint8Array, from: number, to: number): string =>
  String.fromCharCode(...bytes.subarray(from, Math.min(to, bytes.length)));

const heif = foreign('an HEVC picture in a HEIF file, as phones write', 'hevc');
const avifBrands = ['avif', 'avis', 'MA1A', 'MA1B'];
const hevcBrands = ['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'];

/** A file of the ISO base media format (ISO/IEC 14496-12), by its brands: the major one, or else those it is compatible with. */
function mediaFile(bytes: Uint8Array): FileKind | undefined {
  if (latin1(bytes, 4, 8) !== 'ftyp') return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = Math.min(view.getUint32(0), bytes.length, 256);
  const brands = [latin1(bytes, 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(latin1(bytes, at, at + 4));
  const isOf = (known: readonly string[]): boolean => known.includes(brands[0]!);
  const names = (known: readonly string[]): boolean => known.some((brand) => brands.includes(brand));
  if (isOf(avifBrands)) return { format: 'avif' };
  if (isOf(hevcBrands)) return heif;
  if (isOf(['crx '])) return foreign('a camera raw file (Canon CR3)', 'raw');
  if (names(avifBrands)) return { format: 'avif' };
  if (names(hevcBrands)) return heif;
  if (names(['mif1', 'msf1', 'miaf'])) return foreign('a picture in a HEIF file', 'convert');
  return foreign('a video (MP4 or QuickTime), perhaps the moving part of a live photo', 'still', false);
}

/** A file of Microsoft's RIFF. */
function riffFile(bytes: Uint8Array): FileKind | undefined {
  if (latin1(bytes, 0, 4) !== 'RIFF') return undefined;
  const type = latin1(bytes, 8, 12);
  if (type === 'WEBP') return { format: 'webp' };
  return foreign(type === 'AVI ' ? 'a video (AVI)' : 'a sound or video file (RIFF)', 'still', false);
}

/**
 * A TIFF picture, or a camera's raw file: most of these are TIFF files too, whose first picture is a thumbnail or nothing at
 * all.
 */
function tiffFile(bytes: Uint8Array): FileKind | undefined {
  if (!/^(II[*+]\0|MM\0[*+])/.test(latin1(bytes, 0, 4))) return undefined;
  if (latin1(bytes, 8, 10) === 'CR') return foreign('a camera raw file (Canon CR2)', 'raw');
  const directories = readTiff(bytes)?.directories ?? [];
  if (directories.some((one) => one.numbers(tiffTag.dngVersion).length > 0)) {
    return foreign('a camera raw file (DNG)', 'raw');
  }
  const isMosaic = directories.some((one) => one.numbers(tiffTag.photometric)[0] === photometric.mosaic);
  if (!isMosaic) return { format: 'tiff' };
  const make = directories[0]?.text(tiffTag.make) ?? '';
  return foreign(`a camera raw file${make && ` (${make})`}`, 'raw');
}

const bitmapHeaders: ReadonlySet<number> = new Set([12, 16, 40, 52, 56, 64, 108, 124]);

/** What has its mark elsewhere than in its first bytes, or no more than two letters there. */
function markedFile(bytes: Uint8Array): FileKind | undefined {
  const start = latin1(bytes, 0, 1024);
  if (start.startsWith('BM') && bitmapHeaders.has(bytes[14] ?? 0)) {
    return foreign('a Windows bitmap (BMP)', 'convert');
  }
  if (start.startsWith('HEAPCCDR', 6)) return foreign('a camera raw file (Canon CRW)', 'raw');
  if (/^P[1-7]\s/.test(start)) return foreign('a Netpbm picture (PBM, PGM, PPM)', 'convert');
  if (/^P[Ff]\n/.test(start)) return foreign('a floating-point picture (PFM)', 'toneMap');
  if (start.includes('%PDF-')) return foreign('a PDF document', 'render');
  if (start.startsWith(' EMF', 40)) return foreign('a Windows drawing (EMF)', 'render');
  const end = latin1(bytes, Math.max(0, bytes.length - 18), bytes.length);
  return end.startsWith('TRUEVISION-XFILE') ? foreign('a Targa picture (TGA)', 'convert') : undefined;
}

/** The beginning of a file as text, or nothing where it is none. */
function textOf(bytes: Uint8Array): string | undefined {
  const start = bytes.subarray(0, 2048);
  const byteOrder = latin1(bytes, 0, 2);
  const encoding = byteOrder === '\xff\xfe' ? 'utf-16le' : byteOrder === '\xfe\xff' ? 'utf-16be' : 'utf-8';
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(start, { stream: true });
    // eslint-disable-next-line no-control-regex
    return /[\0-\x08\x0e-\x1a\x1c-\x1f]/.test(text) ? undefined : text.trim();
  } catch {
    return undefined;
  }
}

/** Words of a file that is text, for a message: in one line, and not many. */
function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').replace(/"/g, "'");
  return `"${line.length > 60 ? `${line.slice(0, 60)}...` : line}"`;
}

function textFile(bytes: Uint8Array): FileKind | undefined {
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  if (/<svg[\s>]/i.test(text)) return foreign('an SVG drawing', 'render');
  if (/<(!doctype html|html|head|body)\b/i.test(text)) {
    return foreign(
      "a web page (HTML), perhaps one that says why the picture can't be had",
      'download',
      false,
    );
  }
  if (text.startsWith('version https://git-lfs')) {
    return {
      what: 'a pointer of Git LFS to the picture',
      remedy: 'Get the picture itself with "git lfs pull".',
      isPicture: false,
    };
  }
  if (text === '') return foreign('text without a letter', 'download', false);
  return foreign(`text, which begins ${quoted(text)}`, 'download', false);
}

/**
 * Tells by its contents, whatever its name says, what a file is. Those that people try are known by name; of formats that
 * are read nothing but the mark is looked at.
 * @param bytes the whole file, since some have their marks at the end
 * @returns nothing when it is of no kind known here
 */
export function fileKindOf(bytes: Uint8Array): FileKind | undefined {
  if (bytes.length === 0) return foreign('empty', 'again', false);
  const start = latin1(bytes, 0, 16);
  const known =
    beginnings.find(([beginning]) => start.startsWith(beginning))?.[1] ??
    tiffFile(bytes) ??
    mediaFile(bytes) ??
    riffFile(bytes) ??
    markedFile(bytes) ??
    textFile(bytes);
  if (known !== undefined) return known;
  const isBlank = bytes.every((byte) => byte === 0);
  return isBlank ? foreign('filled with zeros', 'again', false) : undefined;
}
