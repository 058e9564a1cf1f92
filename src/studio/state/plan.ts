import { effect, signal } from '@preact/signals';
import { formatGigabytes } from '../../api/memory-check.js';
import { StyleError } from '../../errors.js';
import { revive } from '../../runtime/worker-requests.js';
import { method } from './choices.js';
import { memoryLimit } from './device-memory.js';
import { engine } from './engine.js';
import { chosenOrder, type Order } from './order.js';
import { missingRoles } from './pictures.js';
import { sentOrder } from './sent-order.js';
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
  try {
    const question = { order: sentOrder(order), memoryLimit: memoryLimit() };
    const plan = await engine().ask('plan', question);
    if (order !== asked) return;
    planned.value = inWords(`${plan.width} × ${plan.height}`, formatGigabytes(plan.memoryBytes));
    if (plan.tooLarge === undefined) return;
    const { failure, size } = plan.tooLarge;
    tooLarge.value = { error: revive(failure) as StyleError, size };
  } catch (error) {
    // The run itself says what is wrong.
    if (!(error instanceof StyleError)) throw error;
  }
}
