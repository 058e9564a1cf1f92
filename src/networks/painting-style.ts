import { z } from 'zod';
import { argumentError, StyleError } from '../errors.js';
import type { AnyStyleModel } from './any-style-model.js';

/** The style of a painting, or a blend of several, as a network for any painting knows it: a value that can be kept and blended. */
export interface PaintingStyle {
  /** What it is the style of. */
  readonly name: string;
  /** The network's name, or the path of its file. */
  readonly model: string;
  /** Of the network, see {@link AnyStyleModel}. */
  readonly fingerprint: string;
  readonly code: Float32Array;
}

/** A network for any painting that was told one. */
export interface StyledModel {
  readonly style: PaintingStyle;
  readonly model: AnyStyleModel;
}

/** Whether a value is the style of a painting. */
export const isPaintingStyle = (value: object): value is PaintingStyle =>
  'code' in value && value.code instanceof Float32Array;

const format = 'pastiche style 1';
const schema = z.object({
  format: z.literal(format),
  name: z.string(),
  model: z.string().min(1),
  fingerprint: z.string(),
  code: z.array(z.number()).min(1),
});

/** How the file of a style ends. */
export const styleSuffix = '.json';

/**
 * Weighted sum of styles, by which a network paints something between them.
 * @param weights one for each style, from 0 on, not all 0; equal ones unless given
 * @throws StyleError `E_ARGUMENT` for weights that can't be used, and for styles of different networks
 * @example
 * ```ts
 * import { apply, blendStyles, style } from 'pastiche';
 *
 * const { style: day } = await style({ painting: 'painting.jpg' });
 * const { style: night } = await style({ painting: 'painting.jpg' });
 * const result = await apply({ model: blendStyles([day, night], [0.3, 0.7]), picture: 'photo.jpg' });
 * await result.write('dusk.png');
 * ```
 */
export function blendStyles(
  styles: readonly PaintingStyle[],
  weights: readonly number[] = styles.map(() => 1),
): PaintingStyle {
  const [first] = styles;
  const sum = weights.reduce((total, weight) => total + weight, 0);
  if (first === undefined || weights.length !== styles.length || !(sum > 0) || weights.some(isNoWeight)) {
    throw argumentError(
      'styleBlend',
      `${styles.length} style(s) can't be blended by the weights ${weights.join(', ')}.`,
      'Give one weight for each style, from 0 on, and not all 0.',
    );
  }
  const other = styles.find(({ fingerprint }) => fingerprint !== first.fingerprint);
  if (other !== undefined) {
    throw argumentError(
      'model',
      `${first.name} is a style of ${first.model}, and ${other.name} one of ${
        other.model === first.model ? 'another version of it' : other.model
      }.`,
      'Blend styles of one network: read the paintings again with the same model.',
    );
  }
  const code = blendCodes(
    styles.map((style) => style.code),
    weights.map((weight) => weight / sum),
  );
  return { ...first, name: styles.map(({ name }) => name).join(' and '), code };
}

/** Codes of one network in their proportions. @param parts of 1, one for each code */
export function blendCodes(codes: readonly Float32Array[], parts: readonly number[]): Float32Array {
  const sum = new Float32Array(codes[0]!.length);
  codes.forEach((code, index) => code.forEach((value, i) => (sum[i]! += parts[index]! * value)));
  return sum;
}

const isNoWeight = (weight: number): boolean => !(weight >= 0 && Number.isFinite(weight));

/** A style as a JSON file. */
export function encodeStyle({ name, model, fingerprint, code }: PaintingStyle): Uint8Array {
  const values = Array.from(code, (value) => Number(value.toPrecision(8)));
  const text = JSON.stringify({ format, name, model, fingerprint, code: values });
  return new TextEncoder().encode(`${text}\n`);
}

/**
 * Reads the file of a style.
 * @param fileName for messages
 * @throws StyleError `E_WEIGHTS_FORMAT` for what is no such file, and for a code that has anything but numbers
 */
export function parseStyle(bytes: Uint8Array, fileName: string): PaintingStyle {
  const found = schema.safeParse(jsonOf(bytes));
  if (!found.success) {
    throw new StyleError(
      'E_WEIGHTS_FORMAT',
      `"${fileName}" is no style of a painting, or not a whole one.`,
      'Give a file that the method style wrote, or the name or file of a model.',
      { option: 'model' },
    );
  }
  const { name, model, fingerprint, code } = found.data;
  return { name, model, fingerprint, code: Float32Array.from(code) };
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}

/**
 * A style with the network that paints with it.
 * @throws StyleError `E_WEIGHTS_CONTENT` for a style of another network, or of another version of it
 */
export function styledModel(style: PaintingStyle, model: AnyStyleModel): StyledModel {
  if (style.fingerprint === model.fingerprint() && style.code.length === model.codeLength)
    return { style, model };
  throw new StyleError(
    'E_WEIGHTS_CONTENT',
    `The style of ${style.name} was read with another network or version than ${model.name} has now.`,
    'Read the painting again with this one, or take the network that it was read with.',
    { option: 'model' },
  );
}
