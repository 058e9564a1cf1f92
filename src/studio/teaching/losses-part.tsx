import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { termsIn, type TermFactors } from '../../losses/terms.js';
import { ColumnHeads } from '../parts/column-heads.js';
import { method } from '../state/choices.js';
import { curve } from '../state/run.js';
import { setWeight, weightKnobs } from '../state/weights.js';
import { texts } from '../texts.js';

const inNumbers = (value: number): string => String(Number(value.toPrecision(3)));
const inPercent = (share: number): string => `${Math.round(100 * share)} %`;

/** What each term is worth at the step of now, and what it would be worth if its weight were another. */
export function LossesPart(): JSX.Element {
  const factors = useSignal<TermFactors>({});
  const point = curve.value.at(-1);
  const { lossLesson } = texts;
  const terms = point === undefined ? [] : termsIn(point);
  const rows = terms.map((term) => {
    const worth = point![term]!;
    const factor = factors.value[term] ?? 1;
    const option = method.value.weightOptions?.[term];
    const knob = weightKnobs.value.find((one) => one.option === option);
    return { term, worth, factor, knob, then: worth * factor };
  });
  const total = rows.reduce((sum, { worth }) => sum + worth, 0);
  const totalThen = rows.reduce((sum, { then }) => sum + then, 0);
  const take = (): void => {
    for (const { factor, knob } of rows) {
      if (factor !== 1 && knob !== undefined) setWeight(knob.option, knob.value * factor);
    }
    factors.value = {};
  };
  return (
    <section class="worths" aria-labelledby="worths-heading">
      <h3 id="worths-heading">{lossLesson.heading}</h3>
      <p class="hint">{point === undefined ? lossLesson.needsRun : lossLesson.text(point.iteration)}</p>
      {rows.length > 0 && (
        <>
          <div class="scrolled" tabIndex={0} role="region" aria-labelledby="worths-heading">
            <table>
              <ColumnHeads
                names={[
                  lossLesson.term,
                  lossLesson.worth,
                  lossLesson.share,
                  lossLesson.factor,
                  lossLesson.then,
                ]}
              />
              <tbody>
                {rows.map(({ term, worth, factor, knob, then }) => (
                  <tr key={term} data-term={term}>
                    <th scope="row">{texts.term[term]}</th>
                    <td data-worth={worth}>{inNumbers(worth)}</td>
                    <td>
                      <span class="share" aria-hidden="true">
                        <span style={{ width: `${(100 * worth) / total}%` }} />
                      </span>
                      {inPercent(worth / total)}
                    </td>
                    <td>
                      {knob !== undefined && (
                        <span class="slider">
                          <input
                            type="range"
                            min={-3}
                            max={3}
                            step={0.5}
                            value={Math.log2(factor)}
                            aria-label={`${lossLesson.factor}: ${texts.term[term]}`}
                            aria-valuetext={`× ${inNumbers(factor)}`}
                            onInput={({ currentTarget }) =>
                              (factors.value = {
                                ...factors.value,
                                [term]: 2 ** Number(currentTarget.value),
                              })
                            }
                          />
                          <output>× {inNumbers(factor)}</output>
                        </span>
                      )}
                    </td>
                    <td>
                      {inNumbers(then)} ({inPercent(then / totalThen)})
                    </td>
                  </tr>
                ))}
              </tbody>
              <tfoot>
                <tr>
                  <th scope="row">{texts.total}</th>
                  <td>{inNumbers(total)}</td>
                  <td />
                  <td />
                  <td>{inNumbers(totalThen)}</td>
                </tr>
              </tfoot>
            </table>
          </div>
          <p class="hint">{lossLesson.factorText}</p>
          <button type="button" disabled={rows.every(({ factor }) => factor === 1)} onClick={take}>
            {lossLesson.take}
          </button>
        </>
      )}
    </section>
  );
}
