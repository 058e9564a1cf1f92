import { z } from 'zod';
import { argumentError } from '../errors.js';

/** Of all random numbers of a training. */
export const seedOption = z.int().min(0).max(0x7fffffff);

/**
 * Checks a training's options against their schema and fills in its defaults.
 * @param trained what is trained, for the message: `A perceptual network`
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used
 */
export function resolveTrainingOptions<Schema extends z.ZodType>(
  schema: Schema,
  options: object,
  trained: string,
): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  const [{ path, message }] = parsed.error.issues as [z.core.$ZodIssue];
  const value = path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], options);
  throw argumentError(
    String(path[0]),
    `${trained} can't be trained with ${path.join('.')} ${JSON.stringify(value)}.`,
    `${message}.`,
  );
}
