import type { JSX } from 'preact';
import { useSignal, useSignalEffect } from '@preact/signals';
import { StyleError } from '../../errors.js';
import { valueSchemas } from '../../methods/option-text.js';
import type { PictureRole } from '../../methods/method.js';
import { method } from '../state/choices.js';
import { engine } from '../state/engine.js';
import { givePictures, pictureOfBlob, pictureOfWord, picturesOfRole } from '../state/pictures.js';
import { sentPicture } from '../state/sent-order.js';
import { texts } from '../texts.js';
import { Field } from './field.js';
import { MaskEditor } from './mask-editor.js';

/** The ways to a mask beside a file: a brush, and words where the role takes them. */
export function MaskWays({ role }: { readonly role: PictureRole }): JSX.Element | null {
  const isOpen = useSignal(false);
  const drawnOver = role.drawnOver;
  if (drawnOver === undefined) return null;
  const under = picturesOfRole(drawnOver.role);
  const over = role.several === true ? (under[picturesOfRole(role.name).length] ?? under.at(-1)) : under[0];
  const label = texts.drawMaskOf(texts.roleName(role.name));
  const hasFeather = drawnOver.colors === 'area' && 'feather' in method.value.options.shape;
  return (
    <>
      <button
        type="button"
        aria-label={label}
        disabled={over === undefined}
        onClick={() => (isOpen.value = true)}
      >
        {texts.drawMask}
      </button>
      {isOpen.value && (
        <MaskEditor
          label={label}
          over={over!}
          colors={drawnOver.colors}
          onMask={(mask) => givePictures(role, [pictureOfBlob(mask, texts.maskName(role.name))])}
          onClose={() => (isOpen.value = false)}
        />
      )}
      {role.isWord !== undefined && <Words role={role} />}
      {hasFeather && picturesOfRole(role.name).length > 0 && <Feather />}
    </>
  );
}

function Feather(): JSX.Element {
  const schema = valueSchemas(method.value.options)['feather']!;
  return <Field field={{ name: 'feather', schema, standard: undefined }} place="mask" />;
}

/** The colours of the subject's regions, and all of them: which one a painting is for. */
function Words({ role }: { readonly role: PictureRole }): JSX.Element {
  const colors = useSignal<readonly string[]>([]);
  useSignalEffect(() => {
    const { roles } = method.value;
    const regions = roles.find(
      ({ drawnOver }) => drawnOver?.colors === 'regions' && drawnOver.role === roles[0]!.name,
    );
    const mask = regions && picturesOfRole(regions.name)[0];
    colors.value = [];
    if (mask === undefined) return;
    engine()
      .ask('regions', sentPicture(mask))
      .then((found) => (colors.value = found))
      .catch((error: unknown) => {
        // The run itself says what is wrong.
        if (!(error instanceof StyleError)) throw error;
      });
  });
  return (
    <div class="words">
      {[...colors.value, 'all'].map((word) => (
        <button
          type="button"
          key={word}
          aria-label={texts.take(word)}
          onClick={() => givePictures(role, [pictureOfWord(word)])}
        >
          {word !== 'all' && <span class="dot" style={{ background: word }} />}
          {word}
        </button>
      ))}
    </div>
  );
}
