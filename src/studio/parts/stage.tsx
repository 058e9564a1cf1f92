import type { JSX } from 'preact';
import { method } from '../state/choices.js';
import { latest } from '../state/checkpoints.js';
import { device } from '../state/engine.js';
import { firstPass } from '../state/order.js';
import { missingRoles } from '../state/pictures.js';
import { planned } from '../state/plan.js';
import { shown } from '../state/result.js';
import { goOn, isBusy, isStepwise, paint, pause, phase, progress, refine, steps } from '../state/run.js';
import { texts } from '../texts.js';
import { PictureFrame } from './picture-frame.js';

/** The picture in the middle, how far it is, and what to do next. */
export function StagePart(): JSX.Element {
  return (
    <section id="stage" class="stage" aria-label={texts.result} tabIndex={-1}>
      <PictureFrame />
      <Actions />
      <Standing />
    </section>
  );
}

function Actions(): JSX.Element {
  const isReady = missingRoles(method.value).length === 0;
  const canRefine = shown.value !== undefined && firstPass() !== undefined;
  const canGoOn = phase.value === 'paused' && latest.value !== undefined;
  return (
    <div class="actions">
      {isBusy.value ? (
        <button type="button" class="primary" onClick={pause}>
          {isStepwise.value ? texts.pause : texts.stop}
        </button>
      ) : (
        <>
          {canGoOn && (
            <button type="button" class="primary" onClick={() => void goOn()}>
              {texts.goOn}
            </button>
          )}
          {canRefine && (
            <button type="button" class={canGoOn ? '' : 'primary'} onClick={() => void refine()}>
              {texts.refine}
            </button>
          )}
          <button
            type="button"
            class={canGoOn || canRefine ? '' : 'primary'}
            disabled={!isReady}
            onClick={() => void paint()}
          >
            {method.value.output.kind === 'picture' ? texts.paint : texts.run}
          </button>
        </>
      )}
    </div>
  );
}

function Standing(): JSX.Element {
  const missing = missingRoles(method.value);
  return (
    <div class="standing">
      {isBusy.value && <progress value={progress.value} max={1} aria-label={texts.running} />}
      <p role="status">{statusText(missing.map(({ name }) => texts.roleName(name)))}</p>
      <p class="hint">
        {planned.value}
        {device.value !== undefined && ` · ${texts.computesOn(device.value)}`}
      </p>
    </div>
  );
}

function statusText(missing: readonly string[]): string {
  const { done, all } = steps.value;
  switch (phase.value) {
    case 'preparing':
      return texts.preparing;
    case 'running':
      return isStepwise.value ? texts.step(done, all) : texts.running;
    case 'paused':
      return texts.paused(done, all);
    case 'done':
      return texts.done;
    default:
      return missing.length > 0 ? texts.needs(missing) : '';
  }
}
