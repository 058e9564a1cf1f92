import { isPath } from '../../weights/model-library.js';
import type { SentOrder, SentPicture } from '../engine/engine-calls.js';
import type { Order } from './order.js';
import type { StudioPicture } from './pictures.js';

const numbers = new WeakMap<Blob, number>();
let count = 0;

function numberOf(blob: Blob): number {
  const number = numbers.get(blob) ?? (count += 1);
  numbers.set(blob, number);
  return number;
}

/** A picture as the engine takes it. */
export const sentPicture = ({ name, blob }: StudioPicture): SentPicture => ({
  name,
  blob,
  number: numberOf(blob),
});

/** A network's name, or its address: the worker is at another place than the page. */
export const sentNetwork = (network: string | undefined): string | undefined =>
  network !== undefined && isPath(network) ? new URL(network, document.baseURI).href : network;

/** An order as the engine takes it. */
export function sentOrder({ method, pictures, options, network, initial }: Order): SentOrder {
  const sent = method.roles.map(
    ({ name }) =>
      [
        name,
        (pictures[name] ?? []).map((picture) =>
          picture.isWord === true ? picture.name : sentPicture(picture),
        ),
      ] as const,
  );
  return {
    method: method.name,
    pictures: Object.fromEntries(sent.filter(([, given]) => given.length > 0)),
    options,
    network: sentNetwork(network),
    initial: initial?.image,
  };
}
