import type { EncodeOptions } from '../images/codec.js';
import type { FilesRequest } from './files-request.js';

/** How a request wants its pictures encoded. */
export function encodingOf({ quality, bitDepth }: FilesRequest): EncodeOptions {
  return { ...(quality === undefined ? {} : { quality }), ...(bitDepth === undefined ? {} : { bitDepth }) };
}
