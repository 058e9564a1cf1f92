import type { JSX } from 'preact';
import { method, setOption, settings } from '../state/choices.js';
import { isOffline } from '../state/offline.js';
import { missingRoles } from '../state/pictures.js';
import { tooLarge } from '../state/plan.js';
import { problem } from '../state/run.js';
import { texts } from '../texts.js';
import { StyleError } from '../../errors.js';

/** Codes of what can be wrong only because a file could not be fetched. */
const ofNetwork: ReadonlySet<string> = new Set(['E_DOWNLOAD', 'E_RUNTIME']);

/** What went wrong, in the same words as elsewhere: code, sentence, remedy. */
export function ProblemPart(): JSX.Element | null {
  // Of pictures that are still to be chosen the stage speaks.
  const isWhole = missingRoles(method.value).length === 0;
  const refused = isWhole && settings.value instanceof StyleError ? settings.value : undefined;
  const large = tooLarge.value;
  const found = problem.value ?? refused ?? large?.error;
  if (found === undefined) return null;
  const title = texts.problemTitle(found.code);
  return (
    <section class="problem" role="alert">
      {title !== undefined && <p class="large">{title}</p>}
      <p lang="en">
        <code>{found.code}</code> {found.message}
      </p>
      <p lang="en">{found.remedy}</p>
      {isOffline.value && ofNetwork.has(found.code) && <p>{texts.offline.missing}</p>}
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
