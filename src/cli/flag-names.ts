import type { PictureRole } from '../methods/method.js';

/** `tvWeight` as a flag: `--tv-weight`. */
export function flagOf(option: string): string {
  return `--${option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/** The flag of a role. One that may be given several times is named for one: `styles` as `--style`. */
export function roleFlag({ name, several }: Pick<PictureRole, 'name' | 'several'>): string {
  return flagOf(several === true ? name.replace(/s$/, '') : name);
}

/** What commander calls the value of a flag. */
export function attributeOf(flag: string): string {
  return flag.replace(/^--/, '').replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
