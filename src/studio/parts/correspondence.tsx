import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { picturesOfRole } from '../state/pictures.js';
import { outcomeOf } from '../state/result.js';
import { texts } from '../texts.js';

/** Where each place of a picture comes from in another one: shown for the place that is pointed at. */
export function CorrespondencePart(): JSX.Element | null {
  const place = useSignal({ row: 0, column: 0 });
  const found = outcomeOf();
  if (found?.answer.correspondence === undefined) return null;
  const { width, height, targetWidth, targetHeight, field, scores } = found.answer.correspondence;
  const [from, to] = found.method.roles.map(({ name }) => picturesOfRole(name)[0]);
  if (from === undefined || to === undefined) return null;
  const move = (row: number, column: number): void => {
    place.value = {
      row: Math.min(height - 1, Math.max(0, row)),
      column: Math.min(width - 1, Math.max(0, column)),
    };
  };
  const { row, column } = place.value;
  const index = row * width + column;
  const [matchRow, matchColumn] = [field[2 * index]!, field[2 * index + 1]!];
  const steps: Readonly<Record<string, readonly [number, number]>> = {
    ArrowUp: [-1, 0],
    ArrowDown: [1, 0],
    ArrowLeft: [0, -1],
    ArrowRight: [0, 1],
  };
  return (
    <section class="correspondence" aria-labelledby="correspondence-heading">
      <h2 id="correspondence-heading">{texts.correspondence}</h2>
      <p class="hint">{texts.correspondenceHint}</p>
      <div class="pair">
        <div
          class="marked"
          role="application"
          aria-label={`${from.name}: ${texts.correspondenceHint}`}
          tabIndex={0}
          onPointerMove={(event) => {
            const {
              left,
              top,
              width: shownWidth,
              height: shownHeight,
            } = event.currentTarget.getBoundingClientRect();
            move(
              Math.floor(((event.clientY - top) / shownHeight) * height),
              Math.floor(((event.clientX - left) / shownWidth) * width),
            );
          }}
          onKeyDown={(event) => {
            const step = steps[event.key];
            if (step === undefined) return;
            event.preventDefault();
            move(row + step[0], column + step[1]);
          }}
        >
          <img src={from.url} alt="" />
          <Mark row={row} column={column} rows={height} columns={width} />
        </div>
        <div class="marked">
          <img src={to.url} alt={to.name} />
          <Mark row={matchRow} column={matchColumn} rows={targetHeight} columns={targetWidth} />
        </div>
      </div>
      <p role="status" data-match={`${matchRow},${matchColumn}`}>
        {texts.correspondenceScore(scores[index]!.toFixed(2))}
      </p>
    </section>
  );
}

function Mark(place: {
  readonly row: number;
  readonly column: number;
  readonly rows: number;
  readonly columns: number;
}): JSX.Element {
  const { row, column, rows, columns } = place;
  return (
    <span
      class="mark"
      style={{ left: `${(100 * (column + 0.5)) / columns}%`, top: `${(100 * (row + 0.5)) / rows}%` }}
    />
  );
}
