import type { JSX } from 'preact';
import { CommandPart } from './parts/command.js';
import { CorrespondencePart } from './parts/correspondence.js';
import { CreditsPart } from './parts/credits.js';
import { CurvesPart } from './parts/curves.js';
import { DownloadPart } from './parts/download.js';
import { FilesPart } from './parts/files.js';
import { KnobsPart } from './parts/knobs.js';
import { LanguagePart } from './parts/language.js';
import { MethodsPart } from './parts/methods.js';
import { MorePart } from './parts/more.js';
import { NumbersPart } from './parts/numbers.js';
import { OfflinePart } from './parts/offline.js';
import { PicturesPart } from './parts/pictures.js';
import { ProblemPart } from './parts/problem.js';
import { SettingsFilePart } from './parts/settings-file.js';
import { StagePart } from './parts/stage.js';
import { UndoPart } from './parts/undo.js';
import { VariantsPart } from './parts/variants.js';
import { PasteAndDrop } from './parts/paste-and-drop.js';
import { shown } from './state/result.js';
import { TeachingPart } from './teaching/teaching-part.js';
import { texts } from './texts.js';

/** What the page consists of, by its columns and in their order. A further part is one file and one line here. */
const columns: Readonly<Record<'choices' | 'middle' | 'settings', readonly (() => JSX.Element | null)[]>> = {
  choices: [PicturesPart, CreditsPart],
  middle: [
    ...[ProblemPart, StagePart, VariantsPart, CorrespondencePart, NumbersPart],
    ...[UndoPart, CurvesPart, TeachingPart],
  ],
  settings: [KnobsPart, DownloadPart, FilesPart, CommandPart, SettingsFilePart, MorePart],
};

/** The page. */
export function App(): JSX.Element {
  return (
    <PasteAndDrop>
      <a class="skip" href="#stage">
        {texts.skip}
      </a>
      <header class="bar">
        <h1>{texts.title}</h1>
        <MethodsPart />
        <div class="tagline">
          <p>{texts.tagline}</p>
          <OfflinePart />
        </div>
        <LanguagePart />
      </header>
      <main class={`columns${shown.value === undefined ? '' : ' has-result'}`}>
        {Object.entries(columns).map(([name, parts]) => (
          <div class={name} key={name}>
            {parts.map((Part, index) => (
              <Part key={index} />
            ))}
          </div>
        ))}
      </main>
    </PasteAndDrop>
  );
}
