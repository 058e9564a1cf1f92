import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import type { CanvasPixels } from '../../images/pixels.js';
import { picturesOfRole, type StudioPicture } from '../state/pictures.js';
import { method } from '../state/choices.js';
import { shown } from '../state/result.js';
import { isBusy } from '../state/run.js';
import { texts } from '../texts.js';

/** The picture in the middle: the result, what will be repainted, or nothing yet. */
export function PictureFrame(): JSX.Element {
  const result = shown.value;
  const busy = isBusy.value ? ' busy' : '';
  if (result !== undefined) {
    const { method: made, pictures } = result.order;
    return (
      <div class={`frame result${busy}`}>
        <Compared image={result.image} before={pictures[made.roles[0]!.name]?.[0]} />
      </div>
    );
  }
  const subject = picturesOfRole(method.value.roles[0]!.name)[0];
  return (
    <div class={`frame${busy}`}>
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

/** Proportions that differ by no more are the same, rounded to pixels. */
const sameForm = 0.04;

/** A result over what it was made from, which a slider uncovers. */
function Compared(props: {
  readonly image: CanvasPixels;
  readonly before: StudioPicture | undefined;
}): JSX.Element {
  const { image, before } = props;
  const { data, width, height } = image;
  const canvas = useRef<HTMLCanvasElement>(null);
  const form = useSignal<{ readonly url: string; readonly ratio: number } | undefined>(undefined);
  const uncovered = useSignal(0);
  useEffect(() => {
    Object.assign(canvas.current!, { width, height });
    canvas.current!.getContext('2d')!.putImageData(new ImageData(data, width, height), 0, 0);
  }, [image]);
  const ratio = width / height;
  const isComparable =
    form.value !== undefined &&
    form.value.url === before?.url &&
    Math.abs(form.value.ratio / ratio - 1) < sameForm;
  return (
    <div class="compared" style={{ '--ratio': ratio, '--uncovered': uncovered.value / 100 }}>
      <canvas ref={canvas} role="img" aria-label={texts.result} />
      {before !== undefined && (
        <img
          class="before"
          hidden={!isComparable}
          src={before.url}
          alt=""
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            (form.value = { url: before.url, ratio: naturalWidth / naturalHeight })
          }
        />
      )}
      {isComparable && (
        <>
          <span class="divider" aria-hidden="true" />
          <input
            class="compare"
            type="range"
            min={0}
            max={100}
            step={1}
            value={uncovered.value}
            aria-label={texts.compare}
            title={texts.compare}
            aria-valuetext={texts.comparePart(uncovered.value)}
            onInput={({ currentTarget }) => (uncovered.value = Number(currentTarget.value))}
          />
        </>
      )}
    </div>
  );
}
