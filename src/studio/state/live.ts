import { effect, signal } from '@preact/signals';
import { chosenOrder, firstPass, type Order } from './order.js';
import { shown } from './result.js';
import { isStepwise, lastSeconds, paintAgain, phase } from './run.js';

/** Results that took no longer than this are made anew as soon as something is changed, in seconds. */
const quick = 4;
/** Changes that follow so quickly are one, in milliseconds. */
const pausing = 120;

/** Whether what is shown follows the sliders. */
export const isLive = signal(true);

let tried: string | undefined;

effect(() => {
  const order = firstPass() ?? chosenOrder();
  const now = shown.value?.order;
  const isOver = phase.value === 'done' && !isStepwise.value && lastSeconds.value < quick;
  if (!isLive.value || !isOver || now === undefined || !isChanged(now, order)) return undefined;
  const wanted = settingsText(order);
  // What was stopped, or has failed, is not tried again.
  if (wanted === tried) return undefined;
  const timer = setTimeout(() => {
    tried = wanted;
    void paintAgain(order);
  }, pausing);
  return () => clearTimeout(timer);
});

/** Whether it is of the same pictures, and something else is another. */
function isChanged(before: Order, after: Order): boolean {
  if (before.method !== after.method || before.initial !== undefined) return false;
  const roles = Object.keys(after.pictures);
  const isSame = roles.every((role) => {
    const [one, other] = [before.pictures[role] ?? [], after.pictures[role]!];
    return one.length === other.length && one.every(({ blob }, index) => blob === other[index]!.blob);
  });
  return isSame && settingsText(before) !== settingsText(after);
}

const settingsText = ({ options, network }: Order): string => {
  const sorted = Object.entries(options).sort(([one], [other]) => (one < other ? -1 : 1));
  return JSON.stringify([sorted, network]);
};
