import type { z } from 'zod';
import { StyleError } from '../errors.js';
import { flagOf } from '../jobs/shell-command.js';
import { patchStyleOptionsSchema } from '../methods/patches/options.js';
import { stylizeOptionsSchema } from '../methods/stylize/options.js';

/** Flags of stylize that are no options of a method, and that only its own method has. */
const ownFlags = ['style', 'mask', 'contentMask', 'styleMask', 'trace', 'resume', 'dryRun'];

/**
 * Takes the two pictures of a method that stylize runs beside its own.
 * @param schema the method's options
 * @param files flags beside them that the method has
 * @throws StyleError `E_ARGUMENT` for a flag that the method doesn't have, and for more or fewer than two pictures
 */
export function twoPictures(
  method: string,
  schema: z.ZodObject,
  files: readonly string[],
  pictures: readonly string[],
  flags: Readonly<Record<string, unknown>>,
): [content: string, style: string] {
  const known = [...Object.keys(schema.shape), ...files];
  const isGiven = (name: string): boolean => flags[name] !== undefined && [flags[name]].flat().length > 0;
  const foreign = [
    ...Object.keys({ ...stylizeOptionsSchema.shape, ...patchStyleOptionsSchema.shape }),
    ...ownFlags,
  ].find((name) => !known.includes(name) && isGiven(name));
  if (foreign !== undefined) {
    throw new StyleError(
      'E_ARGUMENT',
      `--method ${method} has no ${flagOf(foreign)}.`,
      `Leave it out, or leave out --method ${method}, which takes ${known.map(flagOf).join(', ')}.`,
    );
  }
  const [content, style, ...others] = pictures;
  if (content !== undefined && style !== undefined && others.length === 0) return [content, style];
  throw new StyleError(
    'E_ARGUMENT',
    `--method ${method} takes one photograph and one painting, not ${pictures.length} pictures.`,
    `Name two pictures: pastiche stylize photo.jpg painting.jpg --method ${method} -o out.png.`,
  );
}
