import type { AnyMethod, PictureRole } from '../methods/method.js';

/** `tvWeight` as a flag: `--tv-weight`. */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The flag of a role. One that may be given several times is named for one: `styles` as `--style`. */
export function roleFlag({ name, several }: Pick<PictureRole, 'name' | 'several'>): string {
  return flagOf(several === true ? name.replace(/s$/, '') : name);
}

/**
 * Whether a role has a flag. The subject has none, nor have roles that an option stands for, nor those that are always found
 * by their places.
 */
export function hasFlag({ roles, batch }: AnyMethod, role: PictureRole): boolean {
  return role !== roles[0] && role.option === undefined && !(role.argument === true && batch === false);
}
