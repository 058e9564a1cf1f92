import { argumentError, StyleError } from '../errors.js';

/** Feature maps of one or more pictures, in the layout NCHW. */
export interface FeatureMaps {
  /** Pictures, channels, height and width. */
  readonly shape: readonly [pictures: number, channels: number, height: number, width: number];
  readonly values: Float32Array;
}

/** Which values make up a patch. */
export interface PatchOptions {
  /** Side of a patch in positions, odd. @defaultValue 3 */
  readonly patch?: number | undefined;
  /** Distance between the positions of a patch that count, from its first row and column on. @defaultValue 1 */
  readonly stride?: number | undefined;
}

/** Row or column offsets, from a patch's centre, of the positions that count: `-r, -r + stride, ..., r`. */
export function patchOffsets(patch: number, stride: number): number[] {
  const reach = (patch - 1) / 2;
  return Array.from({ length: Math.floor((patch - 1) / stride) + 1 }, (_, tap) => tap * stride - reach);
}

/**
 * Fills in the defaults.
 * @throws StyleError `E_ARGUMENT` for a patch that is not odd or a stride below 1
 */
export function resolvePatch({ patch = 3, stride = 1 }: PatchOptions): { patch: number; stride: number } {
  if (!Number.isInteger(patch) || patch < 1 || patch % 2 === 0) {
    throw argumentError(
      'patch',
      `A patch of side ${patch} has no centre.`,
      'Give an odd side: 1, 3, 5 and so on.',
    );
  }
  if (!Number.isInteger(stride) || stride < 1) {
    throw argumentError(
      'stride',
      `The stride ${stride} of a patch is not a whole number from 1.`,
      'Give 1 for all positions of a patch, 2 for every second.',
    );
  }
  return { patch, stride };
}

/**
 * Checks that maps can be matched with each other.
 * @param input one or more pictures
 * @param target as many, or one for all
 * @throws StyleError `E_SHAPE` for shapes that don't fit, `E_NUMERIC` for a value that is not a finite number
 */
export function checkMaps(input: FeatureMaps, target: FeatureMaps): void {
  for (const [name, { shape, values }] of Object.entries({ input, target })) {
    const whole = shape.length === 4 && shape.every((length) => Number.isInteger(length) && length > 0);
    const size = shape.reduce((product, length) => product * length, 1);
    if (!whole || size !== values.length) {
      throw new StyleError(
        'E_SHAPE',
        `The ${name} map of shape [${shape.join(', ')}] has ${values.length} values.`,
        'Give pictures, channels, height and width, all above 0, and as many values.',
      );
    }
    const broken = values.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0) {
      throw new StyleError(
        'E_NUMERIC',
        `The ${name} map has the value ${values[broken]} at place ${broken}.`,
        'Give maps of finite numbers.',
      );
    }
  }
  if (input.shape[1] !== target.shape[1]) {
    throw new StyleError(
      'E_SHAPE',
      `Patches of ${input.shape[1]} channels can't be compared with patches of ${target.shape[1]}.`,
      'Give maps of the same layer and network.',
    );
  }
  if (target.shape[0] !== 1 && target.shape[0] !== input.shape[0]) {
    throw new StyleError(
      'E_SHAPE',
      `${input.shape[0]} input maps don't go with ${target.shape[0]} target maps.`,
      'Give as many targets as inputs, or one for all.',
    );
  }
}
