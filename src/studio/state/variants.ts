import { batch, effect, signal } from '@preact/signals';
import { chooseMethod, setNetwork, setOptions } from './choices.js';
import { pictures } from './pictures.js';
import { shown } from './result.js';
import { finished, isStepwise, phase } from './run.js';
import { keepVariant, keptVariants, openVariant, removeVariants, type KeptVariant } from './variant-store.js';

/** A result that can be gone back to. */
export interface Variant {
  readonly kept: KeptVariant;
  /** An address of the page's own, to show it. */
  readonly url: string;
}

/** How many are kept. */
const most = 24;

/** Results so far, the newest first; they are there again when the page is loaded anew. */
export const variants = signal<readonly Variant[]>([]);

const variantOf = (kept: KeptVariant): Variant => ({ kept, url: URL.createObjectURL(kept.image) });

/** Where the browser keeps nothing, as in a private window, there is no history. */
async function where<Result>(work: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

void where(async () => {
  variants.value = (await keptVariants()).map(variantOf);
});

/** One after the other, in the order of the runs. */
let keeping: Promise<unknown> = Promise.resolve();

effect(() => {
  const { isFollowUp, count } = finished.value;
  const now = shown.peek();
  if (count === 0 || now === undefined) return;
  keeping = keeping.then(() =>
    where(async () => {
      const kept = await keepVariant(now);
      const [newest, ...others] = variants.value;
      // What follows a slider takes the place of what it was before.
      const before = isFollowUp && newest !== undefined ? [...others] : [...variants.value];
      const dropped = [...variants.value.filter((one) => !before.includes(one)), ...before.slice(most - 1)];
      variants.value = [variantOf(kept), ...before.slice(0, most - 1)];
      await drop(dropped);
    }),
  );
});

async function drop(dropped: readonly Variant[]): Promise<void> {
  if (dropped.length === 0) return;
  for (const { url } of dropped) URL.revokeObjectURL(url);
  await removeVariants(dropped.map(({ kept }) => kept.id));
}

/** Takes one out of the history. */
export async function removeVariant(variant: Variant): Promise<void> {
  variants.value = variants.value.filter((one) => one !== variant);
  await where(() => drop([variant]));
}

/** Shows a result of before, with the method, the settings and the pictures that made it. */
export async function chooseVariant({ kept }: Variant): Promise<void> {
  const found = await openVariant(kept);
  const { method, options, chosen, network, pictures: given } = found.order;
  batch(() => {
    pictures.value = { ...pictures.value, ...given };
    chooseMethod(method);
    setOptions(chosen ?? options);
    setNetwork(network);
    isStepwise.value = found.order.initial !== undefined;
    phase.value = 'done';
    shown.value = found;
  });
}
