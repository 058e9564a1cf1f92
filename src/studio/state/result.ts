import { signal } from '@preact/signals';
import type { CanvasPixels } from '../../images/pixels.js';
import type { AnyMethod } from '../../methods/method.js';
import type { RunAnswer } from '../engine/engine-calls.js';
import { method } from './choices.js';
import type { Order } from './order.js';

/** What is in the middle of the page. */
export interface Shown {
  readonly image: CanvasPixels;
  /** What made it; undefined for a picture that was only given. */
  readonly order: Order;
}

/** The last picture that was made, which stays until there is another, whatever fails meanwhile. */
export const shown = signal<Shown | undefined>(undefined);

/** A result of any kind. */
export interface Outcome {
  readonly method: AnyMethod;
  readonly answer: RunAnswer;
}

/** What the last run gave, with its method. */
export const outcome = signal<Outcome | undefined>(undefined);

/** The same, where it is of the method that is chosen now. */
export const outcomeOf = (): Outcome | undefined =>
  outcome.value?.method === method.value ? outcome.value : undefined;
