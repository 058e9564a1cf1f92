import type { JSX } from 'preact';
import { paintings } from '../gallery/paintings.js';
import { texts } from '../texts.js';

/** Whose the paintings of the gallery are. */
export function CreditsPart(): JSX.Element {
  return (
    <details class="credits">
      <summary>{texts.credits}</summary>
      <ul>
        {paintings.map(({ file, title, painter }) => (
          <li key={file}>
            {title}, {painter}
          </li>
        ))}
      </ul>
      <p>{texts.creditsText}</p>
    </details>
  );
}
