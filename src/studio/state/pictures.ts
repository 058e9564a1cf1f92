import { signal } from '@preact/signals';
import type { AnyMethod, PictureCounts, PictureRole } from '../../methods/method.js';

/** A picture that was given, as the file that it is. */
export interface StudioPicture {
  readonly name: string;
  readonly blob: Blob;
  /** An address of the page's own, to show it. */
  readonly url: string;
  /** Whether its name is what the role is given, such as a colour, and the picture only shows it. */
  readonly isWord?: boolean;
}

/** Pictures by role. */
export type StudioPictures = Readonly<Record<string, readonly StudioPicture[]>>;

/** What has been given so far. */
export const pictures = signal<StudioPictures>({});

/** @param name what it is called in the command and in errors */
export function pictureOfBlob(blob: Blob, name: string): StudioPicture {
  return { name, blob, url: URL.createObjectURL(blob) };
}

/** A word for a role that takes words: a colour is shown as one. */
export function pictureOfWord(word: string): StudioPicture {
  const fill = word === 'all' ? '#8888' : word;
  const square = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 3 2"><path fill="${fill}" d="M0 0h3v2H0z"/></svg>`;
  return { ...pictureOfBlob(new Blob([square], { type: 'image/svg+xml' }), word), isWord: true };
}

/** The pictures of a role, none where there are none yet. */
export const picturesOfRole = (role: string): readonly StudioPicture[] => pictures.value[role] ?? [];

/** Gives a role pictures: beside those that it has where it may have several, else in place of the one that it has. */
export function givePictures({ name, several }: PictureRole, given: readonly StudioPicture[]): void {
  if (given.length === 0) return;
  const kept = several === true ? [...picturesOfRole(name), ...given] : given.slice(-1);
  pictures.value = { ...pictures.value, [name]: kept };
}

/** Takes one picture of a role away. */
export function removePicture(role: string, index: number): void {
  pictures.value = {
    ...pictures.value,
    [role]: picturesOfRole(role).filter((_, other) => other !== index),
  };
}

/**
 * Pictures stay when another method is chosen: its first one is what the other's first was, and so on. What it has already
 * stays.
 */
export function carryOver(before: AnyMethod, after: AnyMethod): void {
  const needed = (method: AnyMethod): readonly PictureRole[] =>
    method.roles.filter(({ optional }) => optional !== true);
  const earlier = needed(before);
  const carried = needed(after).flatMap(({ name, several }, place) => {
    const from = earlier[place];
    if (from === undefined || picturesOfRole(name).length > 0) return [];
    const found = picturesOfRole(from.name);
    return [[name, several === true ? found : found.slice(0, 1)] as const];
  });
  pictures.value = { ...pictures.value, ...Object.fromEntries(carried) };
}

/** The roles of a method that still need a picture. */
export const missingRoles = (method: AnyMethod): readonly PictureRole[] =>
  method.roles.filter(
    ({ name, optional, example }) =>
      optional !== true && example === undefined && picturesOfRole(name).length === 0,
  );

/** How many pictures each role has. */
export const pictureCountsOf = (given: StudioPictures): PictureCounts =>
  Object.fromEntries(Object.entries(given).map(([role, found]) => [role, found.length]));
