import { StyleError } from '../errors.js';
import type { ImageFormat } from './codec.js';
import { createImage, type Image, type Size } from './image.js';

/** Takes a picture part by part, in any order. */
export interface PictureSink extends Size {
  /**
   * Takes a part whose first pixel belongs at a column and row; what is not put is black.
   * @throws StyleError `E_NUMERIC` when a value is not a finite number, where the sink can't hold it
   */
  put(part: Image, left: number, top: number): void;
}

/** Collects a picture as floats. */
export class PlanesSink implements PictureSink {
  readonly width: number;
  readonly height: number;
  private whole: Image | undefined;

  constructor(
    { width, height }: Size,
    private readonly hasAlpha: boolean,
  ) {
    this.width = width;
    this.height = height;
  }

  put(part: Image, left: number, top: number): void {
    const { width, height } = this;
    if (part.width === width && part.height === height) {
      this.whole = part;
      return;
    }
    const { rgb, alpha } = this.image();
    const place = (from: Float32Array, to: Float32Array): void => {
      const rows = from.length / part.width;
      for (let row = 0; row < rows; row += 1) {
        const plane = Math.floor(row / part.height);
        const at = (plane * height + top + (row % part.height)) * width + left;
        to.set(from.subarray(row * part.width, (row + 1) * part.width), at);
      }
    };
    place(part.rgb, rgb);
    if (part.alpha !== undefined && alpha !== undefined) place(part.alpha, alpha);
  }

  /** The picture, of what was put so far. */
  image(): Image {
    const pixels = this.width * this.height;
    this.whole ??= createImage(
      this.width,
      this.height,
      new Float32Array(3 * pixels),
      this.hasAlpha ? new Float32Array(pixels) : undefined,
    );
    return this.whole;
  }
}

/** What a picture's samples are for. */
export interface SampleForm {
  readonly format: ImageFormat;
  /** Bits of a sample. */
  readonly bitDepth: 8 | 16;
}

/** Whether there is no alpha in a file: transparent pixels are laid over white. */
const isOpaque = ({ format }: SampleForm): boolean => format === 'jpeg';

/** Bytes of a pixel. */
export const pixelBytesOf = (form: SampleForm, hasAlpha: boolean): number =>
  (hasAlpha && !isOpaque(form) ? 4 : 3) * (form.bitDepth / 8);

/** Collects a picture as an encoder takes it: rows of RGB or RGBA as whole numbers, of black 0. Values outside [0, 1] are clipped. */
export class SamplesSink implements PictureSink {
  readonly width: number;
  readonly height: number;
  readonly channels: 3 | 4;
  readonly samples: Uint8Array | Uint16Array;

  constructor(
    { width, height }: Size,
    hasAlpha: boolean,
    private readonly form: SampleForm,
  ) {
    this.width = width;
    this.height = height;
    this.channels = hasAlpha && !isOpaque(form) ? 4 : 3;
    const length = this.channels * width * height;
    this.samples = form.bitDepth === 8 ? new Uint8Array(length) : new Uint16Array(length);
  }

  put(part: Image, left: number, top: number): void {
    const { channels, samples, form } = this;
    const { rgb, alpha } = part;
    const overWhite = isOpaque(form);
    const largest = form.bitDepth === 8 ? 255 : 65_535;
    const pixels = part.width * part.height;
    for (let i = 0; i < pixels; i += 1) {
      const row = Math.floor(i / part.width);
      const at = channels * ((top + row) * this.width + left + i - row * part.width);
      const opacity = alpha?.[i] ?? 1;
      for (let channel = 0; channel < 3; channel += 1) {
        const value = rgb[channel * pixels + i]!;
        samples[at + channel] = quantize(overWhite ? value * opacity + (1 - opacity) : value, largest);
      }
      if (channels === 4) samples[at + 3] = quantize(opacity, largest);
    }
  }
}

/** A value as a whole number 0 .. largest. */
function quantize(value: number, largest: number): number {
  if (!Number.isFinite(value)) {
    throw new StyleError(
      'E_NUMERIC',
      `The picture holds the value ${value}, which no file can hold.`,
      'Lower the learning rate or the weights that made it.',
    );
  }
  return Math.round(Math.min(1, Math.max(0, value)) * largest);
}
