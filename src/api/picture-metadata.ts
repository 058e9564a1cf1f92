import type { ImageMetadata } from '../images/codec.js';
import type { MethodDescription, MethodOutcome } from '../methods/method.js';
import { isImage } from './picture-source.js';
import type { PictureSource } from './platform.js';

/**
 * What a file says of how its picture was made.
 * @param software name and version of the program
 * @param network the network's name, where one was used
 */
export function pictureMetadata(
  software: string,
  { title, facts }: MethodDescription,
  network: string | undefined,
  outcome: MethodOutcome,
): ImageMetadata {
  const steps = 'iterations' in outcome ? [`${String(outcome.iterations)} iterations`] : [];
  const details = [
    ...(network === undefined ? [] : [`network ${network}`]),
    ...steps,
    ...facts.map(([name, value]) => `${name.toLowerCase()} ${value}`),
  ];
  return { software, description: `${title}; ${details.join(', ')}` };
}

/**
 * The names of pictures and words by role, without folders, which are nobody else's business. What has none is called by its role.
 * @param sources where they come from, as far as they were given
 */
export const pictureNames = (
  roles: readonly string[],
  sources: Readonly<Record<string, PictureSource | readonly PictureSource[]>>,
): Record<string, string[]> =>
  Object.fromEntries(
    roles.map((role) => [
      role,
      [(sources[role] ?? role) as PictureSource | PictureSource[]].flat().map((one) => nameOf(one) ?? role),
    ]),
  );

function nameOf(source: PictureSource): string | undefined {
  if (source instanceof URL) return decodeURIComponent(source.pathname).split('/').pop();
  const path = typeof source === 'string' ? source : isImage(source) ? source.name : undefined;
  return path?.split(/[\\/]/).pop();
}
