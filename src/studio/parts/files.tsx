import type { JSX } from 'preact';
import { offerDownload } from '../state/downloads.js';
import { outcomeOf } from '../state/result.js';
import { texts } from '../texts.js';

/** What a method gives that is no picture, or more than one: its files. */
export function FilesPart(): JSX.Element | null {
  const files = Object.entries(outcomeOf()?.answer.files ?? {});
  if (files.length === 0) return null;
  return (
    <section aria-labelledby="files-heading">
      <h2 id="files-heading">{texts.files}</h2>
      <ul class="files">
        {files.map(([name, file]) => (
          <li key={name}>
            <button type="button" onClick={() => offerDownload(file, name)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
