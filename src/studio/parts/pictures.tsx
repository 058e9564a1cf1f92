import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import type { PictureRole } from '../../methods/method.js';
import { paintings } from '../gallery/paintings.js';
import { method, options, setOption } from '../state/choices.js';
import { givePictures, pictureOfBlob, picturesOfRole, removePicture } from '../state/pictures.js';
import { texts } from '../texts.js';
import { Camera } from './camera.js';
import { MaskWays } from './mask-ways.js';

/** The pictures that the method needs, each with its ways to be given. */
export function PicturesPart(): JSX.Element {
  const { roles, name, description } = method.value;
  const needed = roles.filter(({ optional }) => optional !== true);
  const others = roles.filter((role) => role.optional === true && role.option === undefined);
  return (
    <section aria-labelledby="pictures-heading">
      <h2 id="pictures-heading">{texts.pictures}</h2>
      <p class="hint">{texts.methodDescription(name, description)}</p>
      {needed.map((role) => (
        <Slot key={role.name} role={role} isSubject={role === roles[0]} />
      ))}
      {others.length > 0 && (
        <details>
          <summary>{texts.optional}</summary>
          {others.map((role) => (
            <Slot key={role.name} role={role} isSubject={false} />
          ))}
        </details>
      )}
    </section>
  );
}

/** Gives a role files. */
export function giveFiles(role: PictureRole, files: Iterable<File>): void {
  givePictures(
    role,
    Array.from(files, (file) => pictureOfBlob(file, file.name)),
  );
}

function Slot({ role, isSubject }: { readonly role: PictureRole; readonly isSubject: boolean }): JSX.Element {
  const given = picturesOfRole(role.name);
  const label = texts.roleName(role.name);
  const isOver = useSignal(false);
  return (
    <div
      class={`slot${isOver.value ? ' over' : ''}`}
      data-role={role.name}
      onDragOver={(event) => {
        event.preventDefault();
        isOver.value = true;
      }}
      onDragLeave={() => (isOver.value = false)}
      onDrop={(event) => {
        event.preventDefault();
        event.stopPropagation();
        isOver.value = false;
        giveFiles(role, event.dataTransfer?.files ?? []);
      }}
    >
      <h3>{label}</h3>
      <p class="hint">{texts.roleDescription(role.name, role.description)}</p>
      {given.length > 0 && (
        <ul class="thumbs">
          {given.map(({ url, name }, index) => (
            <li key={url}>
              <img src={url} alt={name} />
              <button
                type="button"
                class="remove"
                aria-label={texts.remove(name)}
                onClick={() => removePicture(role.name, index)}
              >
                ×
              </button>
              {role.weights !== undefined && given.length > 1 && (
                <PictureWeight option={role.weights} index={index} count={given.length} name={name} />
              )}
            </li>
          ))}
        </ul>
      )}
      <div class="ways">
        <label class="button file">
          {role.several === true ? texts.chooseSeveral : texts.choose}
          <span class="quiet">{texts.orDrop}</span>
          <input
            type="file"
            accept="image/*"
            multiple={role.several === true}
            aria-label={`${label}: ${texts.choose}`}
            onChange={({ currentTarget }) => {
              giveFiles(role, currentTarget.files ?? []);
              currentTarget.value = '';
            }}
          />
        </label>
        <MaskWays role={role} />
        {isSubject && (
          <Camera onPicture={(blob) => givePictures(role, [pictureOfBlob(blob, texts.cameraName)])} />
        )}
      </div>
      {!isSubject && role.optional !== true && role.drawnOver === undefined && <Gallery role={role} />}
    </div>
  );
}

/** How much one of several pictures counts. */
function PictureWeight(props: {
  readonly option: string;
  readonly index: number;
  readonly count: number;
  readonly name: string;
}): JSX.Element {
  const { option, index, count, name } = props;
  const set = options.value[option] as readonly number[] | undefined;
  const weights = Array.from({ length: count }, (_, i) => set?.[i] ?? 1);
  return (
    <input
      type="range"
      min={0}
      max={2}
      step={0.05}
      value={weights[index]}
      aria-label={texts.weightOf(name)}
      onInput={({ currentTarget }) =>
        setOption(
          option,
          weights.map((weight, i) => (i === index ? Number(currentTarget.value) : weight)),
        )
      }
    />
  );
}

/** Paintings that come with the page. */
function Gallery({ role }: { readonly role: PictureRole }): JSX.Element {
  const take = async (file: string, url: string): Promise<void> => {
    const response = await fetch(url);
    givePictures(role, [pictureOfBlob(await response.blob(), file)]);
  };
  return (
    <details class="gallery" open={picturesOfRole(role.name).length === 0}>
      <summary>{texts.fromGallery}</summary>
      <ul class="thumbs">
        {paintings.map(({ file, url, title, painter }) => (
          <li key={file}>
            <button
              type="button"
              aria-label={texts.take(title)}
              title={`${title}, ${painter}`}
              onClick={() => void take(file, url)}
            >
              <img src={url} alt="" loading="lazy" />
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
