import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { pixelsOf } from '../../images/pixels.js';
import { method } from '../state/choices.js';
import { latest } from '../state/checkpoints.js';
import { device } from '../state/engine.js';
import { firstPass } from '../state/order.js';
import { missingRoles, picturesOfRole } from '../state/pictures.js';
import { planned } from '../state/plan.js';
import { shown } from '../state/result.js';
import { goOn, isBusy, isStepwise, paint, pause, phase, progress, refine, steps } from '../state/run.js';
import { texts } from '../texts.js';

/** The picture in the middle, how far it is, and what to do next. */
export function StagePart(): JSX.Element {
  return (
    <section id="stage" class="stage" aria-label={texts.result} tabIndex={-1}>
      <Picture />
      <Actions />
      <Standing />
    </section>
  );
}

function Picture(): JSX.Element {
  const canvas = useRef<HTMLCanvasElement>(null);
  const image = shown.value?.image;
  useEffect(() => {
    if (image === undefined || canvas.current === null) return;
    const { data, width, height } = pixelsOf(image);
    Object.assign(canvas.current, { width, height });
    canvas.current.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
  }, [image]);
  const subject = picturesOfRole(method.value.roles[0]!.name)[0];
  if (image !== undefined) {
    return (
      <div class={`frame${isBusy.value ? ' busy' : ''}`}>
        <canvas ref={canvas} role="img" aria-label={texts.result} />
      </div>
    );
  }
  return (
    <div class={`frame${isBusy.value ? ' busy' : ''}`}>
      {subject === undefined ? (
        <div class="empty">
          <p class="large">{texts.emptyTitle}</p>
          <p>{texts.emptyText}</p>
        </div>
      ) : (
        <img src={subject.url} alt={subject.name} />
      )}
    </div>
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
