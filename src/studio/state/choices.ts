import { computed, signal } from '@preact/signals';
import { methods } from '../../methods/index.js';
import type { AnyMethod, PictureCounts } from '../../methods/method.js';
import { StyleError } from '../../errors.js';
import { carryOver, picturesOfRole } from './pictures.js';

/** Options as they were set, by the method's name. What is left out has the method's default. */
export type Options = Readonly<Record<string, unknown>>;

/** Long sides that the page begins with: what a device without a graphics card does while one watches. */
const firstSize = 384;

/** The option for the size, where a method has one that is a number of pixels. */
const sizeOf = ({ options, resized }: AnyMethod): Options =>
  'size' in options.shape && resized !== undefined && options.shape['size']!.safeParse(firstSize).success
    ? { size: firstSize }
    : {};

const chosen = signal(methods[0]!);
const optionsByMethod = signal<Readonly<Record<string, Options>>>(
  Object.fromEntries(methods.map((method) => [method.name, sizeOf(method)])),
);
const networks = signal<Readonly<Record<string, string>>>({ apply: 'wave' });

/** The method that is chosen. */
export const method = computed(() => chosen.value);

/** Its options as they were set. */
export const options = computed(() => optionsByMethod.value[chosen.value.name] ?? {});

/** The network or model that it was told to compute with. */
export const network = computed(() => networks.value[chosen.value.name]);

/** Chooses another method; pictures go over to it. */
export function chooseMethod(next: AnyMethod): void {
  carryOver(chosen.value, next);
  chosen.value = next;
}

/** Sets an option, or leaves it to its default. Others that can't be beside it give way. */
export function setOption(name: string, value: unknown): void {
  const others = Object.entries(options.value).filter(([other]) => other !== name);
  if (value === undefined) return setOptions(Object.fromEntries(others));
  const works = (given: Options): boolean =>
    !(settingsOf(chosen.value, given, undefined) instanceof StyleError);
  const kept = others.filter(([other, set]) => {
    const alone = works({ [name]: value }) && works({ [other]: set });
    return !alone || works({ [other]: set, [name]: value });
  });
  setOptions(Object.fromEntries([...kept, [name, value]]));
}

/** Sets all options at once. */
export function setOptions(all: Options): void {
  optionsByMethod.value = { ...optionsByMethod.value, [chosen.value.name]: all };
}

/** @param name undefined or empty for the method's own */
export function setNetwork(name: string | undefined): void {
  const others = Object.entries(networks.value).filter(([other]) => other !== chosen.value.name);
  networks.value = Object.fromEntries(name ? [...others, [chosen.value.name, name]] : others);
}

/** How many pictures each role has. */
export const pictureCounts = computed<PictureCounts>(() =>
  Object.fromEntries(chosen.value.roles.map(({ name }) => [name, picturesOfRole(name).length])),
);

/** The settings with nothing left out, or what is wrong with the options. */
export const settings = computed<object | StyleError>(() =>
  settingsOf(chosen.value, options.value, pictureCounts.value),
);

/** Settings that options come to, or what is wrong with them. @param counts undefined where pictures don't matter */
export function settingsOf(
  one: AnyMethod,
  given: Options,
  counts: PictureCounts | undefined,
): object | StyleError {
  try {
    return one.resolve(given, counts) as object;
  } catch (error) {
    if (error instanceof StyleError) return error;
    throw error;
  }
}
