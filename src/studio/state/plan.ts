import { effect, signal } from '@preact/signals';
import { formatGigabytes } from '../../api/memory-check.js';
import { methodFunction } from '../../api/method-function.js';
import { browserPlatform } from '../../api/platform.browser.js';
import { StyleError } from '../../errors.js';
import { method } from './choices.js';
import { session } from './engine.js';
import { chosenOrder, requestOf, type Order } from './order.js';
import { missingRoles } from './pictures.js';
import { texts, type Texts } from '../texts.js';

/** What the chosen work would take, in words; empty while pictures are missing or it can't be told. */
export const planned = signal('');

/** Changes that follow so quickly are one, in milliseconds. */
const pausing = 400;

let asked: Order | undefined;

effect(() => {
  const order = chosenOrder();
  asked = order;
  planned.value = '';
  if (missingRoles(method.value).length > 0) return undefined;
  // Read here, so that another language says it anew.
  const inWords = texts.willTake;
  const timer = setTimeout(() => void describe(order, inWords), pausing);
  return () => clearTimeout(timer);
});

async function describe(order: Order, inWords: Texts['willTake']): Promise<void> {
  try {
    const call = methodFunction(order.method, browserPlatform);
    const { width, height, memoryBytes } = await call.plan(requestOf(order) as never, { session: session() });
    if (order === asked) planned.value = inWords(`${width} × ${height}`, formatGigabytes(memoryBytes));
  } catch (error) {
    // The run itself says what is wrong.
    if (!(error instanceof StyleError)) throw error;
  }
}
