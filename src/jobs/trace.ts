import type { MethodOutcome } from '../methods/method.js';
import type { OptimizedPicture } from '../methods/optimization/walk-method.js';
import type { MethodPlan } from '../methods/plan.js';
import type { FilesRequest, RunEnvironment } from './files-request.js';

/** What a trace is about. */
export interface TracedRun {
  readonly request: FilesRequest;
  readonly environment: RunEnvironment;
  readonly output: string | undefined;
  readonly plan: MethodPlan;
  readonly outcome: MethodOutcome;
  readonly seconds: number;
}

/**
 * The record of a run as JSON: what was done with what, and the losses before every step, so that runs can be compared and
 * drawn. One curve point a line.
 */
export function encodeTrace({ request, environment, output, plan, outcome, seconds }: TracedRun): string {
  const {
    stopped,
    losses,
    parts,
    iterations,
    evaluations,
    curve = [],
  } = outcome as Partial<OptimizedPicture>;
  const record = {
    format: 'pastiche trace 2',
    command: request.command,
    pictures: request.pictures,
    output,
    ...environment,
    plan,
    stopped,
    ...(parts === undefined ? { losses } : { parts }),
    iterations,
    evaluations,
    seconds,
  };
  const points = curve.map((point) => `    ${JSON.stringify(point)}`).join(',\n');
  const head = JSON.stringify(record, null, 2).replace(/\n\}$/, '');
  return `${head},\n  "curve": [\n${points}\n  ]\n}\n`;
}
