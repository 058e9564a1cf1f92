import type { JSX } from 'preact';
import { outcomeOf } from '../state/result.js';
import { texts } from '../texts.js';

/** A result in rows, where it is more than a picture. */
export function NumbersPart(): JSX.Element | null {
  const rows = outcomeOf()?.answer.rows ?? [];
  if (rows.length === 0) return null;
  return (
    <section aria-labelledby="numbers-heading">
      <h2 id="numbers-heading">{texts.numbers}</h2>
      <table>
        <tbody>
          {rows.map(([name, ...values]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {values.map((value, index) => (
                <td key={index}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
