import type { EncodeOptions } from '../images/codec.js';

/** What an order has to say of how its picture is encoded. */
export interface EncodingOrder {
  /** 1 to 100, for JPEG, WebP and AVIF. */
  readonly quality?: number | undefined;
  /** 16 for PNG and TIFF. @defaultValue 8 */
  readonly bitDepth?: 8 | 16 | undefined;
}

/** How an order wants its pictures encoded. */
export function encodingOf({ quality, bitDepth }: EncodingOrder): EncodeOptions {
  return { ...(quality === undefined ? {} : { quality }), ...(bitDepth === undefined ? {} : { bitDepth }) };
}
