import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import { decodePixels, encodePixels } from '../../images/codec.browser.js';
import { methods } from '../../methods/index.js';
import type { Order } from './order.js';
import { pictureOfBlob, pictureOfWord, type StudioPicture } from './pictures.js';
import type { Shown } from './result.js';

/** An order as it is kept: pictures by their numbers, the method by its name. */
interface KeptOrder {
  readonly method: string;
  readonly options: Order['options'];
  readonly chosen: Order['chosen'];
  readonly network: string | undefined;
  readonly pictures: Readonly<Record<string, readonly { readonly name: string; readonly blob?: number }[]>>;
  readonly initial?: { readonly image: Blob; readonly madeBy: KeptOrder | undefined } | undefined;
}

/** A result as it is kept. */
export interface KeptVariant {
  readonly id: number;
  readonly image: Blob;
  readonly order: KeptOrder;
}

interface Schema extends DBSchema {
  variants: { key: number; value: Omit<KeptVariant, 'id'> & { id?: number } };
  /** Files that were given, each once however many results are made from it. */
  blobs: { key: number; value: Blob };
}

let opened: Promise<IDBPDatabase<Schema>> | undefined;

const database = (): Promise<IDBPDatabase<Schema>> =>
  (opened ??= openDB<Schema>('pastiche studio', 1, {
    upgrade(db) {
      db.createObjectStore('variants', { keyPath: 'id', autoIncrement: true });
      db.createObjectStore('blobs', { autoIncrement: true });
    },
  }));

const numbers = new WeakMap<Blob, Promise<number>>();

function numberOf(blob: Blob): Promise<number> {
  const number = numbers.get(blob) ?? database().then((db) => db.add('blobs', blob));
  numbers.set(blob, number);
  return number;
}

/** All that are kept, the newest first. */
export async function keptVariants(): Promise<readonly KeptVariant[]> {
  const found = await (await database()).getAll('variants');
  return (found as KeptVariant[]).reverse();
}

/** Keeps a result. */
export async function keepVariant({ image, order }: Shown): Promise<KeptVariant> {
  const value = { image: await encodePixels(image, 'png'), order: await keptOrder(order) };
  const id = await (await database()).add('variants', value);
  return { ...value, id };
}

/** Removes results, and the files that no other one is made from. */
export async function removeVariants(ids: readonly number[]): Promise<void> {
  const db = await database();
  for (const id of ids) await db.delete('variants', id);
  const used = new Set((await keptVariants()).flatMap(({ order }) => blobsOf(order)));
  // Those of pictures on the page are needed again at the next result.
  for (const key of await db.getAllKeys('blobs'))
    if (!used.has(key) && !inUse.has(key)) await db.delete('blobs', key);
}

/** Numbers of files that the page has in its hands. */
const inUse = new Set<number>();

/** A result with what made it. @throws Error where its method is no more */
export async function openVariant({ image, order }: KeptVariant): Promise<Shown> {
  return { image: await decodePixels(image, 'variant.png'), order: await openOrder(order) };
}

async function keptOrder({ method, options, chosen, network, pictures, initial }: Order): Promise<KeptOrder> {
  const entries = Object.entries(pictures).map(async ([role, given]) => {
    const kept = given.map(async ({ name, blob, isWord }) => {
      if (isWord === true) return { name };
      const number = await numberOf(blob);
      inUse.add(number);
      return { name, blob: number };
    });
    return [role, await Promise.all(kept)] as const;
  });
  const madeBy = initial?.madeBy && (await keptOrder(initial.madeBy));
  return {
    method: method.name,
    options,
    chosen,
    network,
    pictures: Object.fromEntries(await Promise.all(entries)),
    ...(initial && { initial: { image: await encodePixels(initial.image, 'png'), madeBy } }),
  };
}

async function openOrder({ method, options, chosen, network, pictures, initial }: KeptOrder): Promise<Order> {
  const entries = Object.entries(pictures).map(async ([role, given]) => {
    const found = await Promise.all(given.map(({ name, blob }) => openPicture(name, blob)));
    return [role, found.filter((picture) => picture !== undefined)] as const;
  });
  const madeBy = initial?.madeBy && (await openOrder(initial.madeBy));
  return {
    method: methods.find(({ name }) => name === method)!,
    options,
    chosen,
    network,
    pictures: Object.fromEntries(await Promise.all(entries)),
    ...(initial && {
      initial: { image: await decodePixels(initial.image, 'initial.png'), madeBy },
    }),
  };
}

const openedPictures = new Map<number, StudioPicture>();

async function openPicture(name: string, number: number | undefined): Promise<StudioPicture | undefined> {
  if (number === undefined) return pictureOfWord(name);
  const known = openedPictures.get(number);
  if (known !== undefined) return known;
  const blob = await (await database()).get('blobs', number);
  if (blob === undefined) return undefined;
  numbers.set(blob, Promise.resolve(number));
  inUse.add(number);
  const picture = pictureOfBlob(blob, name);
  openedPictures.set(number, picture);
  return picture;
}

const blobsOf = ({ pictures, initial }: KeptOrder): number[] => [
  ...Object.values(pictures).flatMap((given) =>
    given.flatMap(({ blob }) => (blob === undefined ? [] : [blob])),
  ),
  ...(initial?.madeBy === undefined ? [] : blobsOf(initial.madeBy)),
];
