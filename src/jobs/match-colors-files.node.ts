import { basename } from 'node:path';
import { checkWritable, readImage, writeImage } from '../images/codec.node.js';
import {
  colorMatchingOptionsSchema,
  matchColors,
  type ColorMatchingOptions,
  type ColorMatchingSettings,
} from '../images/color-matching.js';
import { packageVersion } from '../version.node.js';
import { encodingOf, type EncodingOrder } from './picture-encoding.js';

/** A picture file to be given another's colours. */
export interface MatchColorsOrder extends EncodingOrder {
  readonly picture: string;
  /** The picture whose colours it gets. */
  readonly reference: string;
  /** The file to write; its suffix says the format. */
  readonly output: string;
  readonly options?: ColorMatchingOptions | undefined;
}

/** What was written. */
export interface MatchColorsResult extends ColorMatchingSettings {
  readonly picture: string;
  readonly reference: string;
  readonly output: string;
  readonly width: number;
  readonly height: number;
  /** From the start to the written file. */
  readonly seconds: number;
}

/**
 * Gives a picture file another one's colours; see {@link matchColors}. The picture keeps its size and transparency.
 * @throws StyleError for files that can't be read or written, and options that can't be
 */
export async function matchColorsFiles(order: MatchColorsOrder): Promise<MatchColorsResult> {
  const started = performance.now();
  const { picture, reference, output, options = {} } = order;
  const encoding = encodingOf(order);
  await checkWritable(output, encoding);
  const [own, theirs] = await Promise.all([readImage(picture), readImage(reference)]);
  await checkWritable(output, encoding, own);
  const matched = matchColors(own, theirs, options);
  const used = colorMatchingOptionsSchema.parse(options);
  const how = used.mode === 'affine' ? `affine (${used.affineForm})` : used.mode;
  const metadata = {
    software: `Pastiche ${packageVersion}`,
    description: `${basename(picture)} with the colours of ${basename(reference)}; ${how}, strength ${used.strength}`,
  };
  await writeImage(output, matched, { ...encoding, metadata });
  const { width, height } = matched;
  const seconds = (performance.now() - started) / 1000;
  return { picture, reference, output, width, height, ...used, seconds };
}
