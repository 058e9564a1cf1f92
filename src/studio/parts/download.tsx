import type { JSX } from 'preact';
import { encodePixels } from '../../images/codec.browser.js';
import { reporting } from '../state/reporting.js';
import { shown } from '../state/result.js';
import { offerDownload } from '../state/downloads.js';
import { texts } from '../texts.js';

const formats = ['png', 'jpeg', 'webp'] as const;

/** The picture as a file. */
export function DownloadPart(): JSX.Element | null {
  const image = shown.value?.image;
  if (image === undefined) return null;
  const download = (format: (typeof formats)[number]): Promise<void> =>
    reporting(async () =>
      offerDownload(await encodePixels(image, format), `pastiche.${format === 'jpeg' ? 'jpg' : format}`),
    );
  return (
    <section aria-labelledby="download-heading">
      <h2 id="download-heading">{texts.download}</h2>
      <div class="row">
        {formats.map((format) => (
          <button
            type="button"
            key={format}
            aria-label={texts.downloadAs(format.toUpperCase())}
            onClick={() => void download(format)}
          >
            {format.toUpperCase()}
          </button>
        ))}
      </div>
    </section>
  );
}
