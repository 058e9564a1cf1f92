import { computed, signal } from '@preact/signals';
import { english, speak, type Texts } from '../texts.js';
import { chinese } from './chinese.js';

/** The page's languages by their tags, each with what it calls itself. A further one is a line here. */
export const languages = {
  en: { name: 'English', texts: english },
  'zh-CN': { name: '中文', texts: chinese },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly texts: Texts }>>;

export type Language = keyof typeof languages;

const isLanguage = (tag: string | null): tag is Language => tag !== null && tag in languages;

const primaryOf = (tag: string): string => tag.split('-')[0]!.toLowerCase();

/** The first language of a person's that the page has, whatever its region: `zh-TW` is served by `zh-CN`. */
export function preferredLanguage(tags: readonly string[]): Language {
  const own = Object.keys(languages) as Language[];
  const found = tags.map((tag) => own.find((language) => primaryOf(language) === primaryOf(tag)));
  return found.find((language) => language !== undefined) ?? 'en';
}

/** Where the choice is kept; a browser that keeps nothing for the page asks its own languages each time. */
const key = 'pastiche language';

function remembered(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

const current = signal<Language>('en');

/** The tag of the page's language. */
export const language = computed(() => current.value);

/** Begins in the language that was chosen before, else in the first of the browser's that the page has. */
export function beginLanguage(): void {
  const before = remembered();
  turnTo(isLanguage(before) ? before : preferredLanguage(navigator.languages));
}

/** Changes the language, from now on and for the next visits. */
export function chooseLanguage(chosen: Language): void {
  turnTo(chosen);
  try {
    localStorage.setItem(key, chosen);
  } catch {
    // It is spoken nevertheless.
  }
}

function turnTo(chosen: Language): void {
  current.value = chosen;
  speak(languages[chosen].texts);
  document.documentElement.lang = chosen;
  document.title = languages[chosen].texts.title;
}
