import sharp, { type Sharp } from 'sharp';
import {
  checkEncoding,
  defaultQuality,
  type EncodeOptions,
  type ImageFormat,
  type ImageMetadata,
} from './codec.js';
import type { Image, Size } from './image.js';
import { SamplesSink, type SampleForm } from './picture-sink.js';
import { hasOwnTables } from './writing-memory.js';

/** How the samples of a picture are collected for a file. */
export const sampleFormOf = (format: ImageFormat, { bitDepth = 8 }: EncodeOptions): SampleForm => ({
  format,
  bitDepth,
});

const entities: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' };

/** Text as it may stand in XML 1.0: without control characters and halves of surrogate pairs, markup escaped. */
const xmlText = (text: string): string =>
  text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, ' ')
    .replace(/[<>&"]/g, (character) => entities[character]!);

/** An XMP packet (ISO 16684-1) with the program's name and the description. */
function xmpPacket({ software, description }: ImageMetadata): string {
  return `<?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" xmp:CreatorTool="${xmlText(software)}">
<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${xmlText(description)}</rdf:li></rdf:Alt></dc:description>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;
}

function inFormat(pipeline: Sharp, format: ImageFormat, quality: number, size: Size): Sharp {
  switch (format) {
    case 'jpeg':
      // Paint has strong colour edges, which halved colour resolution smears.
      return pipeline.jpeg({ quality, chromaSubsampling: '4:4:4', optimiseCoding: hasOwnTables(size) });
    case 'png':
      return pipeline.png();
    case 'webp':
      return pipeline.webp({ quality, smartSubsample: true });
    case 'tiff':
      return pipeline.tiff({ compression: 'deflate', predictor: 'horizontal' });
    case 'avif':
      // One step below libvips' usual effort: six times as fast for two percent more bytes.
      return pipeline.avif({ quality, effort: 3 });
    case 'gif':
      return pipeline.gif();
  }
}

/**
 * Encodes a picture, tagged as sRGB. Alpha is put back, except in JPEG, which has none: there the picture is laid over
 * white. `metadata` goes into EXIF and XMP; TIFF takes only XMP, and GIF takes neither, nor the sRGB tag. EXIF is ASCII:
 * other letters are transliterated there, and whole in XMP. GIF keeps at most 256 colours and an alpha of 0 or 1.
 * @throws StyleError as {@link checkEncoding}; `E_NUMERIC` when a value is not a finite number
 * @example
 * ```ts
 * import { encodeImage, readImage } from 'pastiche';
 *
 * const bytes = await encodeImage(await readImage('photo.jpg'), 'webp', { quality: 80 });
 * ```
 */
export async function encodeImage(
  image: Image,
  format: ImageFormat,
  options: EncodeOptions = {},
): Promise<Uint8Array> {
  checkEncoding(format, options, image);
  const sink = new SamplesSink(image, image.alpha !== undefined, sampleFormOf(format, options));
  sink.put(image, 0, 0);
  return encodeSamples(sink, format, options);
}

/**
 * Encodes a picture that was collected in the form of {@link sampleFormOf}, as {@link encodeImage} does.
 * @throws StyleError as {@link checkEncoding}
 */
export async function encodeSamples(
  { width, height, channels, samples }: SamplesSink,
  format: ImageFormat,
  options: EncodeOptions = {},
): Promise<Uint8Array> {
  checkEncoding(format, options, { width, height });
  const { bitDepth = 8, quality = defaultQuality[format] ?? 100, metadata } = options;
  let pipeline = sharp(samples, { limitInputPixels: false, raw: { width, height, channels } });
  // sharp takes 16-bit input for Display P3 when it attaches a profile; by way of linear light it stays sRGB, to the bit.
  if (bitDepth === 16) pipeline = pipeline.pipelineColourspace('scrgb').toColourspace('rgb16');
  pipeline = pipeline.withIccProfile('srgb');
  if (metadata !== undefined) {
    const { software, description } = metadata;
    const exif = { Software: software, ImageDescription: description };
    pipeline = pipeline.withExif({ IFD0: exif }).withXmp(xmpPacket(metadata));
  }
  return inFormat(pipeline, format, quality, { width, height }).toBuffer();
}
