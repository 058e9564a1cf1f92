import { StyleError } from '../errors.js';

/**
 * One of a list, or the one of this name.
 * @param kind what they are called: `method`
 * @throws StyleError `E_ARGUMENT` that lists the names
 */
export function findByName<Item extends { readonly name: string }>(
  kind: string,
  items: readonly Item[],
  wanted: Item | string,
): Item {
  const found = typeof wanted === 'string' ? items.find(({ name }) => name === wanted) : wanted;
  if (found !== undefined) return found;
  throw new StyleError(
    'E_ARGUMENT',
    `There is no ${kind} ${JSON.stringify(wanted)}.`,
    `There are ${items.map(({ name }) => name).join(', ')}.`,
  );
}
