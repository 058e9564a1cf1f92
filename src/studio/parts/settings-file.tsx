import type { JSX } from 'preact';
import { offerDownload } from '../state/downloads.js';
import { readSettings, settingsBlob } from '../state/settings-file.js';
import { reporting } from '../state/reporting.js';
import { texts } from '../texts.js';

/** The choices as a file, and from one. */
export function SettingsFilePart(): JSX.Element {
  const load = async (file: File | undefined): Promise<void> => {
    if (file !== undefined) await reporting(async () => readSettings(await file.text(), file.name));
  };
  return (
    <section aria-labelledby="settings-heading">
      <h2 id="settings-heading">{texts.settingsFile}</h2>
      <div class="row">
        <button type="button" onClick={() => offerDownload(settingsBlob(), 'pastiche-settings.json')}>
          {texts.saveSettings}
        </button>
        <label class="button file">
          {texts.loadSettings}
          <input
            type="file"
            accept="application/json,.json"
            aria-label={texts.loadSettings}
            onChange={({ currentTarget }) => {
              void load(currentTarget.files?.[0]);
              currentTarget.value = '';
            }}
          />
        </label>
      </div>
    </section>
  );
}
