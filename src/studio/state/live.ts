import { effect } from '@preact/signals';
import { chosenOrder, firstPass, type Order } from './order.js';
import { shown } from './result.js';
import { isStepwise, paintAgain, phase } from './run.js';

/** Changes that follow so quickly are one, in milliseconds. */
const pausing = 120;

let tried: string | undefined;

/** From now on a result of one pass is made anew whenever something is changed. */
export function followChanges(): void {
  effect(() => {
    const order = firstPass() ?? chosenOrder();
    const now = shown.value?.order;
    const isOver = phase.value === 'done' && !isStepwise.value;
    if (!isOver || now === undefined || !isChanged(now, order)) return undefined;
    const wanted = settingsText(order);
    // What was stopped, or has failed, is not tried again.
    if (wanted === tried) return undefined;
    const timer = setTimeout(() => {
      tried = wanted;
      void paintAgain(order);
    }, pausing);
    return () => clearTimeout(timer);
  });
}

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
