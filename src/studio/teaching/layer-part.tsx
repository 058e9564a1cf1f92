import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { method, network } from '../state/choices.js';
import { pictures } from '../state/pictures.js';
import { texts } from '../texts.js';
import {
  computeViews,
  layer,
  layerNames,
  lessonPictures,
  strongestChannels,
  views,
  type LayerView,
} from './layer-lesson.js';
import { largest, MapCanvas } from './map-canvas.js';
import { reporting } from '../state/reporting.js';

/** Channels of a layer that are shown. */
const shownChannels = 6;

/** What a layer of the network sees in both pictures: their Gram matrices, and some of its features. */
export function LayerPart(): JSX.Element {
  useEffect(() => void reporting(computeViews), [layer.value, pictures.value, method.value, network.value]);
  const { layerLesson } = texts;
  const seen = views.value;
  return (
    <section class="lesson" aria-labelledby="lesson-heading" data-layer={layer.value}>
      <h3 id="lesson-heading">{layerLesson.heading}</h3>
      {lessonPictures().length === 0 ? (
        <p class="hint">{layerLesson.needsPictures}</p>
      ) : (
        <>
          <div class="row">
            <label class="choice">
              {layerLesson.layer}
              <select
                name="layer"
                value={layer.value}
                onChange={({ currentTarget }) => (layer.value = currentTarget.value)}
              >
                {layerNames.value.map((name) => (
                  <option key={name} value={name}>
                    {name}
                  </option>
                ))}
              </select>
            </label>
          </div>
          {seen.length > 0 && <GramMaps seen={seen} />}
          {seen.length > 0 && <Features seen={seen} />}
        </>
      )}
    </section>
  );
}

const steps: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};

/** The matrices beside each other on one scale, with the numbers of the two channels that are pointed at. */
function GramMaps({ seen }: { readonly seen: readonly LayerView[] }): JSX.Element {
  const cell = useSignal({ row: 0, column: 0 });
  const { layerLesson } = texts;
  const { channels } = seen[0]!;
  const most = Math.max(...seen.map(({ gram }) => largest(gram)));
  const move = (row: number, column: number): void => {
    const within = (place: number): number => Math.min(channels - 1, Math.max(0, place));
    cell.value = { row: within(row), column: within(column) };
  };
  const { row, column } = {
    row: Math.min(cell.value.row, channels - 1),
    column: Math.min(cell.value.column, channels - 1),
  };
  return (
    <>
      <h4>{layerLesson.grams}</h4>
      <p class="hint" id="gram-hint">
        {layerLesson.gramText}
      </p>
      <div class="maps">
        {seen.map(({ role, gram, picture }) => (
          <figure key={role} data-gram={role}>
            <div
              class="marked"
              role="application"
              tabIndex={0}
              aria-label={`${layerLesson.gramOf(texts.roleName(role), picture.name)}. ${layerLesson.move}`}
              onPointerMove={({ clientX, clientY, currentTarget }) => {
                const { left, top, width, height } = currentTarget.getBoundingClientRect();
                move(
                  Math.floor(((clientY - top) / height) * channels),
                  Math.floor(((clientX - left) / width) * channels),
                );
              }}
              onKeyDown={(event) => {
                const step = steps[event.key];
                if (step === undefined) return;
                event.preventDefault();
                move(row + step[0], column + step[1]);
              }}
            >
              <MapCanvas
                values={gram}
                width={channels}
                height={channels}
                most={most}
                label={layerLesson.gramOf(texts.roleName(role), picture.name)}
              />
              <span
                class="cell"
                style={{
                  left: `${(100 * column) / channels}%`,
                  top: `${(100 * row) / channels}%`,
                  width: `${100 / channels}%`,
                  height: `${100 / channels}%`,
                }}
              />
            </div>
            <figcaption>{texts.roleName(role)}</figcaption>
          </figure>
        ))}
      </div>
      <p role="status" class="reading">
        {layerLesson.pair(row + 1, column + 1)}
        {': '}
        {seen.map(({ role, gram }, index) => (
          <span key={role}>
            {index > 0 && ', '}
            {texts.roleName(role)}{' '}
            <output data-value={role}>{gram[row * channels + column]!.toPrecision(4)}</output>
          </span>
        ))}
      </p>
      <p class="hint scale">
        0 <span class="ramp" aria-hidden="true" /> {most.toPrecision(3)}
      </p>
    </>
  );
}

/** The channels that tell most, as pictures. */
function Features({ seen }: { readonly seen: readonly LayerView[] }): JSX.Element {
  const { layerLesson } = texts;
  const chosen = strongestChannels(seen[0]!, shownChannels);
  return (
    <>
      <h4>{layerLesson.features}</h4>
      <p class="hint">{layerLesson.featuresText(seen[0]!.width, seen[0]!.height, seen[0]!.channels)}</p>
      {seen.map(({ role, width, height, features }) => (
        <ul class="features" key={role} aria-label={`${layerLesson.features}: ${texts.roleName(role)}`}>
          {chosen.map((channel) => {
            const map = features.subarray(channel * width * height, (channel + 1) * width * height);
            return (
              <li key={channel}>
                <MapCanvas
                  values={map}
                  width={width}
                  height={height}
                  most={largest(map)}
                  label={`${texts.roleName(role)}, ${layerLesson.channel(channel + 1)}`}
                />
                <span class="hint">{layerLesson.channel(channel + 1)}</span>
              </li>
            );
          })}
        </ul>
      ))}
    </>
  );
}
