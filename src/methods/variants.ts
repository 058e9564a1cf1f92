import { z } from 'zod';
import { argumentError } from '../errors.js';
import { networkKindOf, picturesOf, type AnyMethod, type PictureCounts, type PictureSet } from './method.js';
import { givenOptions, shown } from './options.js';

/** A method as one of several ways to do the same. */
export interface Variant {
  readonly method: AnyMethod;
  /** By the method's roles, the roles of the whole that stand for them where their names differ. */
  readonly roles?: Readonly<Record<string, string>>;
}

/** What the variants are together. */
export interface VariantsDefinition extends Pick<
  AnyMethod,
  'name' | 'description' | 'examples' | 'notes' | 'groups'
> {
  /** What chooses between them: the name of an option, and what it says. */
  readonly option: string;
  readonly optionDescription: string;
  /** Options that stand for a variant each, by their names. */
  readonly shorthands?: Readonly<Record<string, string>>;
  /** The first one is the default, and its roles and options are those of the whole; the others may have more options. */
  readonly variants: Readonly<Record<string, Variant>>;
}

/**
 * One method of several, between which an option chooses. Each keeps its options, defaults and checks.
 * @example
 * ```ts
 * import { methods } from 'pastiche';
 * import { methodFunction, nodePlatform, withVariants } from 'pastiche/engine';
 *
 * const [texture, reconstruct] = ['texture', 'reconstruct'].map((name) => methods.find((method) => method.name === name)!);
 * const either = withVariants({
 *   name: 'from-noise',
 *   description: 'make a picture from noise',
 *   examples: [],
 *   option: 'kind',
 *   optionDescription: 'what it is to be like',
 *   variants: { texture: { method: texture! }, reconstruction: { method: reconstruct!, roles: { picture: 'sample' } } },
 * });
 * const fromNoise = methodFunction(either, nodePlatform);
 * ```
 */
export function withVariants(definition: VariantsDefinition): AnyMethod {
  const { option, optionDescription, shorthands = {}, variants, ...rest } = definition;
  const names = Object.keys(variants) as [string, ...string[]];
  const first = variants[names[0]]!.method;
  const foreign = names.slice(1).flatMap((name) => Object.entries(variants[name]!.method.options.shape));
  const extra = foreign.filter(([name]) => !(name in first.options.shape));
  const options = z.strictObject({
    [option]: z.enum(names).describe(optionDescription).default(names[0]),
    ...Object.fromEntries(
      Object.entries(shorthands).map(([name, variant]) => [
        name,
        z.boolean().describe(`the same as ${option} ${variant}`).optional(),
      ]),
    ),
    ...first.options.shape,
    ...Object.fromEntries(extra),
  });

  const variantOf = (settings: Readonly<Record<string, unknown>> = {}): Variant =>
    variants[(settings[option] ?? names[0]) as string]!;
  const adapt = (variant: Variant, pictures: PictureSet): PictureSet =>
    Object.fromEntries(
      variant.method.roles.flatMap(({ name, several = false }) => {
        const found = picturesOf(pictures, variant.roles?.[name] ?? name);
        if (found.length === 0) return [];
        return [[name, several ? found : found[0]]];
      }),
    );

  return {
    ...rest,
    roles: first.roles,
    options,
    ...(first.defaults === undefined ? {} : { defaults: first.defaults }),
    ...(first.weightOptions === undefined ? {} : { weightOptions: first.weightOptions }),
    output: first.output,
    resolve(given: Readonly<Record<string, unknown>>, counts?: PictureCounts) {
      const { [option]: chosen = names[0], ...others } = expandShorthands(
        givenOptions(given),
        option,
        shorthands,
      );
      if (typeof chosen !== 'string' || !Object.hasOwn(variants, chosen)) {
        throw argumentError(
          option,
          `The option ${option} can't be ${shown(chosen)}.`,
          `It takes one of ${names.join(', ')}.`,
        );
      }
      const variant = variants[chosen]!;
      checkOptions(variant.method, option, chosen, others, options);
      const renamed = counts && checkCounts(variant, option, chosen, counts);
      return { [option]: chosen, ...(variant.method.resolve(others, renamed) as object) };
    },
    network: (settings) => variantOf(settings).method.network?.(settings),
    stepwise: (settings) => variantOf(settings).method.stepwise?.(settings) ?? false,
    networkKind: (settings) => networkKindOf(variantOf(settings).method, settings),
    needsPerceptual: (settings) => variantOf(settings).method.needsPerceptual?.(settings) ?? false,
    plan(subject, weights) {
      const variant = variantOf(subject.settings);
      return variant.method.plan({ ...subject, pictures: adapt(variant, subject.pictures) }, weights);
    },
    longestSide(settings, role) {
      const { method, roles = {} } = variantOf(settings);
      const renamed = Object.entries(roles).find(([, whole]) => whole === role)?.[0];
      return method.longestSide?.(settings, renamed ?? role);
    },
    resized(settings, longSide, pictures, iterations) {
      const variant = variantOf(settings);
      const resized = variant.method.resized?.(settings, longSide, adapt(variant, pictures), iterations);
      return { ...(resized as object), [option]: settings[option] };
    },
    terms: (settings) => variantOf(settings).method.terms(settings),
    run(task) {
      const variant = variantOf(task.settings);
      return variant.method.run({ ...task, pictures: adapt(variant, task.pictures) });
    },
    describe(settings, pictureNames, plan) {
      const variant = variantOf(settings);
      const adapted = variant.method.roles.flatMap(({ name }) => {
        const found = pictureNames[variant.roles?.[name] ?? name];
        return found === undefined ? [] : [[name, found] as const];
      });
      const description = variant.method.describe(settings, Object.fromEntries(adapted), plan);
      const before = description.before && (variant.roles?.[description.before] ?? description.before);
      return { ...description, before };
    },
  };
}

/** Options with the variant in the place of what stands for it. @throws StyleError `E_ARGUMENT` for two variants */
function expandShorthands(
  given: Readonly<Record<string, unknown>>,
  option: string,
  shorthands: Readonly<Record<string, string>>,
): Readonly<Record<string, unknown>> {
  const others = Object.entries(given).filter(([name]) => !Object.hasOwn(shorthands, name));
  const options: Record<string, unknown> = Object.fromEntries(others);
  for (const [name, variant] of Object.entries(shorthands)) {
    const value = given[name];
    if (value === undefined || value === false) continue;
    if (value !== true) {
      throw argumentError(name, `The option ${name} can't be ${shown(value)}.`, 'It is on or off.');
    }
    const { [option]: chosen = variant } = options;
    if (chosen !== variant) {
      throw argumentError(
        name,
        `The option ${name} is the same as ${option} ${variant}, and ${option} is ${shown(chosen)}.`,
        'Leave one of them out.',
      );
    }
    options[option] = variant;
  }
  return options;
}

/** @throws StyleError `E_ARGUMENT` for an option that only another variant has */
function checkOptions(
  method: AnyMethod,
  option: string,
  chosen: string,
  given: Readonly<Record<string, unknown>>,
  all: z.ZodObject,
): void {
  const known = Object.keys(method.options.shape);
  const foreign = Object.keys(given).find((name) => !known.includes(name));
  if (foreign === undefined || !Object.hasOwn(all.shape, foreign)) return;
  throw argumentError(
    foreign,
    `With ${option} ${chosen} there is no option ${foreign}.`,
    `Leave it out, or leave ${option} ${chosen} out, which takes ${known.join(', ')}.`,
  );
}

/** @throws StyleError `E_ARGUMENT` for pictures that the variant doesn't take, or that it needs and that are missing */
function checkCounts(
  { method, roles = {} }: Variant,
  option: string,
  chosen: string,
  counts: PictureCounts,
): PictureCounts {
  const wholes = new Map(method.roles.map((role) => [roles[role.name] ?? role.name, role]));
  const subject = roles[method.roles[0]!.name] ?? method.roles[0]!.name;
  for (const [whole, count] of Object.entries(counts)) {
    if (count === 0) continue;
    const role = wholes.get(whole);
    const several = role?.several === true || (whole === subject && method.batch !== false);
    if (role !== undefined && (several || count <= 1)) continue;
    const [words, rest] =
      role === undefined
        ? [`no option ${whole}`, 'it']
        : [`one picture for ${whole}, not ${count}`, 'the others'];
    throw argumentError(
      whole,
      `With ${option} ${chosen} there is ${words}.`,
      `Leave ${rest} out, or leave ${option} ${chosen} out.`,
    );
  }
  for (const [whole, role] of wholes) {
    if (role.optional === true || counts[whole]) continue;
    throw argumentError(
      whole,
      `With ${option} ${chosen} there has to be a ${whole}, and none is named.`,
      `Name ${role.description}.`,
    );
  }
  return Object.fromEntries([...wholes].map(([whole, role]) => [role.name, counts[whole] ?? 0]));
}
