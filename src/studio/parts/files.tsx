import type { JSX } from 'preact';
import { encodeBlob } from '../../images/codec.browser.js';
import type { Image } from '../../images/image.js';
import { offerDownload } from '../state/downloads.js';
import { outcomeOf } from '../state/result.js';
import { texts } from '../texts.js';

/** What a method gives that is no picture, or more than one: its files. */
export function FilesPart(): JSX.Element | null {
  const found = outcomeOf();
  if (found === undefined) return null;
  const { method, outcome } = found;
  const { output } = method;
  const files: Readonly<Record<string, Image | Uint8Array>> =
    output.kind === 'folder'
      ? output.files(outcome)
      : output.kind === 'data'
        ? { [`pastiche${output.suffix}`]: output.encode(outcome) }
        : {};
  const names = Object.keys(files);
  if (names.length === 0) return null;
  const download = async (name: string): Promise<void> => {
    const file = files[name]!;
    offerDownload(
      'rgb' in file ? await encodeBlob(file, 'png') : new Blob([file as Uint8Array<ArrayBuffer>]),
      name,
    );
  };
  return (
    <section aria-labelledby="files-heading">
      <h2 id="files-heading">{texts.files}</h2>
      <ul class="files">
        {names.map((name) => (
          <li key={name}>
            <button type="button" onClick={() => void download(name)}>
              {name}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
