import type { StylizeOrder, RunEnvironment } from './stylize-order.js';
import type { StylizeResult } from '../methods/stylize/stylizer.js';
import { stylizeCommand } from './shell-command.js';

/**
 * The record of a stylisation as JSON: what was done with what, and the losses before every step, so that runs can be
 * compared and drawn. One curve point a line.
 */
export function encodeTrace(
  order: StylizeOrder,
  { settings, network, device, threads, versions }: RunEnvironment,
  result: Pick<StylizeResult, 'stopped' | 'losses' | 'iterations' | 'evaluations' | 'plan' | 'curve'>,
  seconds: number,
): string {
  const { stopped, losses, iterations, evaluations, plan, curve } = result;
  const record = {
    format: 'pastiche stylize trace 1',
    command: stylizeCommand(order),
    ...{ content: order.content, styles: order.styles, output: order.output },
    ...{ versions, network, device, threads, settings, plan },
    ...{ stopped, losses, iterations, evaluations, seconds },
  };
  const points = curve.map((point) => `    ${JSON.stringify(point)}`).join(',\n');
  const head = JSON.stringify(record, null, 2).replace(/\n\}$/, '');
  return `${head},\n  "curve": [\n${points}\n  ]\n}\n`;
}
