import type { JSX } from 'preact';
import { setOption, settings } from '../state/choices.js';
import { tooLarge } from '../state/plan.js';
import { problem } from '../state/run.js';
import { texts } from '../texts.js';
import { StyleError } from '../../errors.js';

/** What went wrong, in the same words as elsewhere: code, sentence, remedy. */
export function ProblemPart(): JSX.Element | null {
  const refused = settings.value instanceof StyleError ? settings.value : undefined;
  const large = tooLarge.value;
  const found = problem.value ?? refused ?? large?.error;
  if (found === undefined) return null;
  return (
    <section class="problem" role="alert">
      <p>
        <code>{found.code}</code> {found.message}
      </p>
      <p>{found.remedy}</p>
      {large?.size !== undefined && (
        <button type="button" class="primary" onClick={() => takeSize(large.size!)}>
          {texts.takeSize(large.size)}
        </button>
      )}
      {problem.value !== undefined && (
        <button type="button" onClick={() => (problem.value = undefined)}>
          {texts.dismiss}
        </button>
      )}
    </section>
  );
}

function takeSize(size: number): void {
  problem.value = undefined;
  setOption('size', size);
}
