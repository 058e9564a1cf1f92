import { effect, signal } from '@preact/signals';
import { formatGigabytes, largestFittingSize } from '../../api/memory-check.js';
import { StyleError } from '../../errors.js';
import type { PictureOrWord, PictureSet } from '../../methods/method.js';
import type { MethodPlan } from '../../methods/plan.js';
import { method } from './choices.js';
import { decoded } from './decoded.js';
import { memoryLimit } from './device-memory.js';
import { session } from './engine.js';
import { chosenOrder, type Order } from './order.js';
import { missingRoles, pictureCountsOf, type StudioPicture } from './pictures.js';
import { texts, type Texts } from '../texts.js';

/** What the chosen work would take, in words; empty while pictures are missing or it can't be told. */
export const planned = signal('');

/** What is chosen takes more memory than there is. */
export interface TooLarge {
  readonly error: StyleError;
  /** The largest size that fits; undefined where none does, or there is none to set. */
  readonly size: number | undefined;
}

/** Why what is chosen can't be computed here; undefined where it can. */
export const tooLarge = signal<TooLarge | undefined>(undefined);

/** Changes that follow so quickly are one, in milliseconds. */
const pausing = 400;

let asked: Order | undefined;

effect(() => {
  const order = chosenOrder();
  asked = order;
  planned.value = '';
  tooLarge.value = undefined;
  if (missingRoles(method.value).length > 0) return undefined;
  // Read here, so that another language says it anew.
  const inWords = texts.willTake;
  const timer = setTimeout(() => void describe(order, inWords), pausing);
  return () => clearTimeout(timer);
});

async function describe(order: Order, inWords: Texts['willTake']): Promise<void> {
  const { method: one, options, network } = order;
  try {
    const prepared = await session().prepare(one, options, pictureCountsOf(order.pictures), network);
    const pictures = await picturesOf(order);
    const limit = memoryLimit();
    const plan = prepared.plan(pictures, limit);
    if (order !== asked) return;
    planned.value = inWords(`${plan.width} × ${plan.height}`, formatGigabytes(plan.memoryBytes));
    try {
      prepared.checkMemory(pictures, plan, limit);
    } catch (error) {
      if (!(error instanceof StyleError)) throw error;
      const fits = (size: number): boolean => {
        const settings = one.resized!(prepared.settings, size, pictures) as object;
        const smaller = one.plan({ settings, pictures, memoryLimit: limit }, prepared.network?.weights);
        return (smaller as MethodPlan).memoryBytes <= limit;
      };
      const size =
        error.option === 'size' ? largestFittingSize(Math.max(plan.width, plan.height), fits) : undefined;
      tooLarge.value = { error, size };
    }
  } catch (error) {
    // The run itself says what is wrong.
    if (!(error instanceof StyleError)) throw error;
  }
}

async function picturesOf({ method: one, pictures }: Order): Promise<PictureSet> {
  const read = async (picture: StudioPicture): Promise<PictureOrWord> =>
    picture.isWord === true ? picture.name : decoded(picture);
  const entries = one.roles.map(async ({ name, several }) => {
    const found = await Promise.all((pictures[name] ?? []).map(read));
    return [name, found.length === 0 ? undefined : several === true ? found : found[0]] as const;
  });
  return Object.fromEntries((await Promise.all(entries)).filter(([, found]) => found !== undefined));
}
