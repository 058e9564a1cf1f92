import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { checkpoints } from '../state/checkpoints.js';
import { shown } from '../state/result.js';
import { goOn, isBusy } from '../state/run.js';
import { texts } from '../texts.js';

/** Earlier steps of a run, to look at and to go on from. */
export function UndoPart(): JSX.Element | null {
  const all = checkpoints.value;
  const chosen = useSignal<number | undefined>(undefined);
  if (isBusy.value || all.length < 2) return null;
  const index = Math.min(chosen.value ?? all.length - 1, all.length - 1);
  const checkpoint = all[index]!;
  return (
    <section class="undo" aria-labelledby="undo-heading">
      <h2 id="undo-heading">{texts.undo}</h2>
      <p class="hint">{texts.undoHint}</p>
      <span class="slider">
        <input
          type="range"
          min={0}
          max={all.length - 1}
          step={1}
          value={index}
          aria-label={texts.undo}
          aria-valuetext={texts.earlierStep(checkpoint.iteration)}
          onInput={({ currentTarget }) => {
            chosen.value = Number(currentTarget.value);
            shown.value = { ...shown.value!, image: all[chosen.value]!.image };
          }}
        />
        <output>{texts.earlierStep(checkpoint.iteration)}</output>
      </span>
      <button
        type="button"
        onClick={() => {
          chosen.value = undefined;
          void goOn(checkpoint);
        }}
      >
        {texts.goOn}
      </button>
    </section>
  );
}
