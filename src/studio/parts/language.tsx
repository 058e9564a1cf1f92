import type { JSX } from 'preact';
import { chooseLanguage, language, languages, type Language } from '../languages/language.js';
import { texts } from '../texts.js';

/** The choice among the page's languages, each in its own words. */
export function LanguagePart(): JSX.Element {
  return (
    <select
      class="language"
      name="language"
      aria-label={texts.language}
      value={language.value}
      onChange={({ currentTarget }) => chooseLanguage(currentTarget.value as Language)}
    >
      {Object.entries(languages).map(([tag, { name }]) => (
        <option key={tag} value={tag} lang={tag}>
          {name}
        </option>
      ))}
    </select>
  );
}
