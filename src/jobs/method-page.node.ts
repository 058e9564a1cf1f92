import { basename } from 'node:path';
import { factNumber } from '../methods/facts.js';
import { gramInstability } from '../methods/gram-instability/gram-instability-method.js';
import type { MethodOutcome } from '../methods/method.js';
import { renderGramInstability, type ResultContext } from '../report/gram-instability-report.node.js';
import { environmentFacts, type ReportedRun } from './run-report.node.js';

/** What renders the results of methods whose output is a page, by the method's name. */
const renderers: Readonly<Record<string, (outcome: never, context: ResultContext) => Promise<string>>> = {
  [gramInstability.name]: renderGramInstability,
};

/**
 * The page that is a method's result.
 * @param seconds how long the work took
 */
export function renderMethodPage(
  { run, input, description }: ReportedRun,
  outcome: MethodOutcome,
  seconds: number,
): Promise<string> {
  const { method, request } = run;
  const time = ['Time', `${factNumber(seconds)} s`] as const;
  return renderers[method.name]!(outcome as never, {
    input: basename(input),
    facts: [...description.facts, ...environmentFacts(run), time],
    command: request.command,
  });
}
