import { z } from 'zod';
import { argumentError, StyleError } from '../errors.js';
import type { PictureCounts } from './method.js';

/** A weight of a loss: finite, 0 or more. Sums of several must stay finite too. */
export const weight = z.number().nonnegative().max(1e30);
/** Pixels of a picture's side at most. */
export const largestSide = 32768;
/** A side of a picture in pixels. */
export const side = z.int().min(1).max(largestSide);
/** A side of a picture that a network looks at: of fewer pixels its layers see nothing. */
export const seenSide = z.int().min(16).max(largestSide);
/** Names of layers, each with a weight if wanted: `relu4_2:0.5`. */
export const layerList = z.array(z.string().min(1)).min(1);
export const longSides = z.array(side).min(1).describe('long sides to optimise at, coarse to fine');
export const iterations = z
  .union([z.int().min(1), z.array(z.int().min(0)).min(1)])
  .describe('optimiser steps: all together, or one number per scale');
export const pooling = z.enum(['max', 'average']).describe("the network's pooling");
export const projection = z
  .boolean()
  .describe("with a compact network: measure style in the full network's space");
export const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .describe('seed of the random numbers')
  .default(0);
export const margin = z
  .int()
  .min(0)
  .max(256)
  .describe('pixels of mirror image kept around the picture while optimising, against frames');
export const patch = z
  .int()
  .min(1)
  .max(99)
  .describe('side of a patch in positions of a layer, odd')
  .default(3);
export const stride = z
  .int()
  .min(1)
  .max(99)
  .describe('distance between the positions of a patch that count')
  .default(1);
export const styleScale = z
  .number()
  .positive()
  .max(10)
  .describe('size of the painting against the picture')
  .default(1);
export const grainWeight = weight.describe("how much grain counts that the painting doesn't have");
export const feather = z
  .int()
  .min(0)
  .max(4096)
  .describe("pixels over which the paint fades in from the mask's border")
  .default(0);
export const autoTune = z
  .boolean()
  .describe("at each scale, lower the weights of terms whose gradient is longer than the style's")
  .default(false);

/**
 * Checks options against their schema and fills in its defaults.
 * @throws StyleError `E_ARGUMENT` that names the first option which can't be used, its value and what it takes
 * @example
 * ```ts
 * import { parseOptions } from 'pastiche/engine';
 * import { z } from 'zod';
 *
 * const options = z.strictObject({ strength: z.number().min(0).max(1).default(0.5) });
 * console.log(parseOptions(options, {})); // { strength: 0.5 }
 * ```
 */
export function parseOptions<Schema extends z.ZodType>(schema: Schema, options: unknown): z.output<Schema> {
  const parsed = schema.safeParse(options);
  if (parsed.success) return parsed.data;
  throw optionError(parsed.error.issues[0]!, options);
}

/** Checked options without those that are undefined, so that they can be laid over defaults. */
export function givenOptions<Checked extends object>(
  options: Checked,
): { [Name in keyof Checked]: Exclude<Checked[Name], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { [Name in keyof Checked]: Exclude<Checked[Name], undefined> };
}

function optionError(issue: z.core.$ZodIssue, options: unknown): StyleError {
  if (issue.code === 'unrecognized_keys') {
    const option = issue.keys[0]!;
    return argumentError(
      option,
      `There is no option ${option}.`,
      'Leave it out, or see the options in the documentation.',
    );
  }
  const value = issue.path.reduce<unknown>(
    (inner, key) => (inner as Record<PropertyKey, unknown> | undefined)?.[key],
    options,
  );
  const name = issue.path.map(String).join('.');
  if (name === '') {
    return new StyleError(
      'E_ARGUMENT',
      `These options can't be used: ${issue.message}.`,
      'Give an object of options, or none.',
    );
  }
  return argumentError(
    String(issue.path[0]),
    `The option ${name} can't be ${shown(value)}.`,
    `It takes: ${issue.message}.`,
  );
}

/** A value as a message shows it; JSON has no NaN and no functions. */
export const shown = (value: unknown): string =>
  typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));

/** @throws StyleError `E_ARGUMENT` for a feather without a mask whose border could fade */
export function checkFeather(feather: number, given: PictureCounts): void {
  if (feather === 0 || given['mask']) return;
  throw argumentError(
    'feather',
    `The option feather is ${feather}, and there is no mask whose border could fade.`,
    'Give a mask, or leave feather out.',
  );
}

/** @throws StyleError `E_ARGUMENT` for a steady painting where there is no film whose frames could flicker */
export function checkSteady(steady: boolean, given: PictureCounts): void {
  if (!steady || given['film']) return;
  throw argumentError(
    'steady',
    'The option steady is for films, and there is none.',
    'Leave it out for pictures.',
  );
}

/** @throws StyleError `E_ARGUMENT` when all weights are 0 */
export function checkWeights(weights: Readonly<Record<string, number>>): void {
  if (Object.values(weights).some((value) => value !== 0)) return;
  throw new StyleError(
    'E_ARGUMENT',
    'All weights are 0, so there is nothing to optimise.',
    `Give ${Object.keys(weights).slice(0, 2).join(' or ')} a value above 0.`,
  );
}
