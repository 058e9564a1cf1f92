import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { fitLongSide } from '../../images/resize.js';
import { drawStrokes, maskBlob, maskColors, maskSide, type Stroke } from '../state/mask-drawing.js';
import type { StudioPicture } from '../state/pictures.js';
import { texts } from '../texts.js';

/** Paints a mask over a picture, with a brush. */
export function MaskEditor(props: {
  readonly label: string;
  readonly over: StudioPicture;
  readonly colors: keyof typeof maskColors;
  readonly onMask: (mask: Blob) => void;
  readonly onClose: () => void;
}): JSX.Element {
  const { label, over, colors, onMask, onClose } = props;
  const palette = maskColors[colors];
  const dialog = useRef<HTMLDialogElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSignal({ width: maskSide, height: maskSide });
  const strokes = useSignal<readonly Stroke[]>([]);
  const color = useSignal<string>(palette[1]);
  const brush = useSignal(48);
  useEffect(() => dialog.current!.showModal(), []);
  useEffect(() => drawStrokes(canvas.current!.getContext('2d')!, palette[0], strokes.value));

  const placeOf = (event: PointerEvent): [number, number] => {
    const { left, top, width, height } = canvas.current!.getBoundingClientRect();
    return [
      ((event.clientX - left) / width) * size.value.width,
      ((event.clientY - top) / height) * size.value.height,
    ];
  };
  const begin = (event: PointerEvent): void => {
    canvas.current!.setPointerCapture(event.pointerId);
    strokes.value = [...strokes.value, { color: color.value, size: brush.value, points: [placeOf(event)] }];
  };
  const go = (event: PointerEvent): void => {
    const last = strokes.value.at(-1);
    if (event.buttons === 0 || last === undefined) return;
    strokes.value = [...strokes.value.slice(0, -1), { ...last, points: [...last.points, placeOf(event)] }];
  };
  return (
    <dialog ref={dialog} class="mask-editor" aria-label={label} onClose={onClose}>
      <div class="mask-tools">
        <div class="swatches" role="radiogroup" aria-label={label}>
          {palette.map((one) => (
            <label key={one} class="swatch" style={{ '--swatch': one }} title={texts.brushColor(one)}>
              <input
                type="radio"
                name="brush-color"
                checked={color.value === one}
                aria-label={texts.brushColor(one)}
                onChange={() => (color.value = one)}
              />
            </label>
          ))}
        </div>
        <label class="brush">
          <span>{texts.brushSize}</span>
          <input
            type="range"
            min={4}
            max={160}
            value={brush.value}
            onInput={({ currentTarget }) => (brush.value = Number(currentTarget.value))}
          />
        </label>
        <button
          type="button"
          disabled={strokes.value.length === 0}
          onClick={() => (strokes.value = strokes.value.slice(0, -1))}
        >
          {texts.undoStroke}
        </button>
        <button type="button" disabled={strokes.value.length === 0} onClick={() => (strokes.value = [])}>
          {texts.clearMask}
        </button>
      </div>
      <div
        class="mask-picture"
        style={{ '--ratio': size.value.width / size.value.height }}
        onKeyDown={(event) => {
          if (event.key === 'z' && (event.ctrlKey || event.metaKey))
            strokes.value = strokes.value.slice(0, -1);
        }}
      >
        <img
          src={over.url}
          alt={over.name}
          draggable={false}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            (size.value = fitLongSide(naturalWidth, naturalHeight, maskSide))
          }
        />
        <canvas
          ref={canvas}
          width={size.value.width}
          height={size.value.height}
          onPointerDown={begin}
          onPointerMove={go}
        />
      </div>
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={strokes.value.length === 0}
          onClick={() =>
            void maskBlob(size.value, palette, strokes.value).then((mask) => {
              onMask(mask);
              dialog.current!.close();
            })
          }
        >
          {texts.takeMask}
        </button>
        <button type="button" onClick={() => dialog.current!.close()}>
          {texts.cancel}
        </button>
      </div>
    </dialog>
  );
}
