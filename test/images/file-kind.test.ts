import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { StyleError } from '../../src/errors.js';
import { decodeImage, decodeImageSize, readImage, readImageSize } from '../../src/images/codec.node.js';
import { fileKindOf } from '../../src/images/file-kind.js';
import { casePath, readCase } from './case-files.js';
import { lossless, pngChunk, raw8, scatter } from './fixtures.js';
import { tiff, type TiffOptions } from './tiff-fixture.js';

const latin1 = (text: string, length = 200): Buffer =>
  Buffer.concat([Buffer.from(text, 'latin1'), Buffer.alloc(Math.max(0, length - text.length), 7)]);

/** A file of the ISO base media format with these brands. */
function media(major: string, ...compatible: string[]): Buffer {
  const box = Buffer.from(`\0\0\0\0ftyp${major}\0\0\0\0${compatible.join('')}`, 'latin1');
  box.writeUInt32BE(box.length, 0);
  return Buffer.concat([box, Buffer.alloc(100, 3)]);
}

const thumbnail: TiffOptions = {
  ...{ width: 4, height: 2, channels: 3, bits: 8, photometric: 2 },
  samples: scatter(24, 256),
};

/** A bitmap file of 24 bits. */
function bitmap(): Buffer {
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(40, 14);
  return Buffer.concat([head, Buffer.alloc(48)]);
}

const page = '<!DOCTYPE html>\n<html><head><title>403 Forbidden</title></head></html>';
const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="8" height="8"><rect width="8" height="8"/></svg>';

/** Files that aren't read: what they are called, what their message says of them, and its remedy. */
const foreign: Record<string, readonly [bytes: Buffer, what: RegExp, remedy: RegExp]> = {
  'a picture of an iPhone': [media('heic', 'mif1', 'heic'), /HEVC picture in a HEIF/, /export it as JPEG/],
  'one of HEVC by its other brands': [media('mif1', 'mif1', 'heix'), /HEVC/, /"Most Compatible"/],
  'a HEIF file of unknown contents': [media('mif1', 'mif1'), /a picture in a HEIF file/, /PNG or JPEG/],
  'the video of a live photo': [media('qt  ', 'qt  '), /a video \(MP4 or QuickTime\)/, /a still/],
  PSD: [latin1('8BPS\0\x01'), /Photoshop document \(PSD\)/, /export it as PNG or JPEG/],
  PSB: [latin1('8BPS\0\x02'), /Photoshop document \(PSB\)/, /export it/],
  XCF: [latin1('gimp xcf v011'), /GIMP/, /export it/],
  CR2: [latin1('II*\0\x10\0\0\0CR\x02\0'), /camera raw file \(Canon CR2\)/, /Develop it/],
  CR3: [media('crx ', 'crx ', 'isom'), /camera raw file \(Canon CR3\)/, /Develop it/],
  RAF: [latin1('FUJIFILMCCD-RAW 0201'), /camera raw file \(Fujifilm RAF\)/, /Develop it/],
  ORF: [latin1('IIRO\x08\0\0\0'), /Olympus/, /Develop it/],
  RW2: [latin1('IIU\0\x18\0\0\0'), /Panasonic/, /Develop it/],
  'NEF: a thumbnail, and the mosaic within': [
    tiff({
      ...thumbnail,
      fields: { 271: [2, Buffer.from('NIKON CORPORATION\0')] },
      subDirectories: [{ 262: [3, [32_803]] }],
    }),
    /camera raw file \(NIKON CORPORATION\)/,
    /darktable/,
  ],
  'ARW: big-endian, no maker': [
    tiff({ ...thumbnail, bigEndian: true, subDirectories: [{ 262: [3, [2]] }, { 262: [3, [32_803]] }] }),
    /it is a camera raw file;/,
    /Develop it/,
  ],
  DNG: [tiff({ ...thumbnail, fields: { 50_706: [1, [1, 4, 0, 0]] } }), /raw file \(DNG\)/, /Lightroom/],
  'JPEG XL': [latin1('\xff\x0a'), /JPEG XL/, /PNG or JPEG/],
  'JPEG XL in a container': [latin1('\0\0\0\x0cJXL \r\n\x87\n'), /JPEG XL/, /PNG or JPEG/],
  'JPEG 2000': [latin1('\0\0\0\x0cjP  \r\n\x87\n'), /JPEG 2000/, /PNG or JPEG/],
  BMP: [bitmap(), /Windows bitmap \(BMP\)/, /PNG or JPEG/],
  ICO: [latin1('\0\0\x01\0\x01\0'), /Windows icon \(ICO\)/, /PNG or JPEG/],
  TGA: [
    Buffer.concat([Buffer.alloc(100, 9), Buffer.from('TRUEVISION-XFILE.\0')]),
    /Targa picture \(TGA\)/,
    /PNG or JPEG/,
  ],
  PPM: [Buffer.from('P6\n2 2\n255\n'), /Netpbm/, /PNG or JPEG/],
  PDF: [latin1('%PDF-1.7\n'), /PDF document/, /Export it as PNG/],
  EPS: [latin1('%!PS-Adobe-3.0 EPSF-3.0'), /PostScript/, /Export it as PNG/],
  SVG: [Buffer.from(svg), /SVG drawing/, /Export it as PNG at the size/],
  'SVG with a declaration': [Buffer.from(`<?xml version="1.0"?>\n${svg}`), /SVG drawing/, /Export it/],
  EXR: [latin1('\x76\x2f\x31\x01\x02\0\0\0'), /OpenEXR/, /Tone-map/],
  HDR: [latin1('#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n'), /Radiance HDR/, /Tone-map/],
  'a web page': [Buffer.from(page), /web page \(HTML\)/, /get the picture itself again/],
  'an error message as JSON': [
    Buffer.from('{"error": "not found",\n "code": 404}'),
    /text, which begins "\{'error': 'not found', 'code': 404\}"/,
    /get the picture itself again/,
  ],
  'an error message in UTF-16': [
    Buffer.from('\ufeffNot found', 'utf16le'),
    /text, which begins "Not found"/,
    /again/,
  ],
  'a pointer of Git LFS': [
    Buffer.from('version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n'),
    /Git LFS/,
    /git lfs pull/,
  ],
  'long text': [Buffer.from('ä'.repeat(5000)), /text, which begins "ä{60}\.\.\."/, /again/],
  ZIP: [latin1('PK\x03\x04'), /an archive/, /Unpack/],
  gzip: [gzipSync('x'), /compressed/, /Unpack/],
  'what macOS writes beside a file': [latin1('\0\x05\x16\x07\0\x02\0\0'), /AppleDouble/, /"\._"/],
  'a file of zeros': [Buffer.alloc(5000), /filled with zeros/, /broke off/],
  'an empty file': [Buffer.alloc(0), /it is empty/, /broke off/],
  noise: [Buffer.from(scatter(5000, 256)), /of no known format/, /PNG or JPEG/],
};

describe('a file that is not read', () => {
  for (const [title, [bytes, what, remedy]] of Object.entries(foreign)) {
    it(`is called what it is: ${title}`, async () => {
      for (const read of [decodeImage, decodeImageSize]) {
        const error = await read(bytes, 'holiday.jpg').catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(StyleError);
        const { code, message, remedy: advice } = error as StyleError;
        expect(code).toBe('E_IMAGE_DECODE');
        expect(message).toMatch(/^"holiday\.jpg" can't be read as a picture: it/);
        expect(message).toMatch(what);
        expect(message).not.toMatch(/buffer|vips|unsupported|--/i);
        expect(advice).toMatch(remedy);
        expect(advice).not.toMatch(/--/);
      }
    });
  }

  it('from a phone says so, and what to do, whole and by its header', async () => {
    const expected = expect.objectContaining({
      code: 'E_IMAGE_DECODE',
      message: expect.stringMatching(/cc\.heic" .* HEVC picture in a HEIF file, as phones write/) as string,
      remedy: expect.stringMatching(/iPhone/) as string,
    });
    await expect(readImage(casePath('cc.heic'))).rejects.toThrowError(expected);
    await expect(readImageSize(casePath('cc.heic'))).rejects.toThrowError(expected);
    await expect(decodeImage(await readCase('cc.heic'), 'cc.heic')).rejects.toThrowError(expected);
  });
});

describe('a file that is read', () => {
  it('is known by its contents', async () => {
    const picture = () => raw8(scatter(8 * 6 * 3, 256), 8, 6);
    const files = {
      ...Object.fromEntries(
        await Promise.all(
          Object.entries(lossless).map(async ([format, encode]) => [
            format,
            await encode(picture()).toBuffer(),
          ]),
        ),
      ),
      jpeg: await picture().jpeg().toBuffer(),
      gif: await picture().gif().toBuffer(),
      avif: await picture().avif().toBuffer(),
    } as Record<string, Buffer>;
    expect(Object.keys(files)).toHaveLength(6);
    for (const [format, bytes] of Object.entries(files)) expect(fileKindOf(bytes)).toEqual({ format });
    // Some programs write AVIF with the brand of HEIF in front.
    expect(fileKindOf(media('mif1', 'mif1', 'avif', 'miaf'))).toEqual({ format: 'avif' });
    expect(fileKindOf(tiff(thumbnail))).toEqual({ format: 'tiff' });
    expect(fileKindOf(tiff({ ...thumbnail, bigEndian: true }))).toEqual({ format: 'tiff' });
  });

  it('and is broken is called by its format, with what the decoder says', async () => {
    const jpeg = await raw8(scatter(200 * 100 * 3, 256), 200, 100)
      .jpeg()
      .toBuffer();
    await expect(decodeImage(jpeg.subarray(0, 3000), 'cut.png')).rejects.toThrowError(
      /"cut\.png" can't be read as a picture: it is a JPEG file that is cut off, damaged or .* \(.*premature end/i,
    );
    const header = Buffer.alloc(13);
    header.set([0, 0, 0, 8, 0, 0, 0, 8, 8, 2]);
    const png = Buffer.concat([
      Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
      ...[pngChunk('IHDR', header), pngChunk('IDAT', deflateSync(Buffer.alloc(10)))],
    ]);
    await expect(decodeImage(png, 'cut.png')).rejects.toThrowError(/it is a PNG file that is cut off/);
    await expect(decodeImage(latin1('II*\0'), 'cut.tif')).rejects.toThrowError(/it is a TIFF file/);
  });
});
