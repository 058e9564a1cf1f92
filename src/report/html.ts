/** Text that is markup already. Made by {@link html} alone, so that nothing gets onto a page without being escaped. */
export class Html {
  constructor(readonly text: string) {}
}

/** What {@link html} takes between its pieces of markup. */
export type HtmlValue = string | number | Html | readonly Html[] | undefined;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it may stand in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character]!);
}

/**
 * A template of markup: strings and numbers are escaped, {@link Html} and lists of it are put in as they are, undefined
 * gives nothing. Attribute values have to be quoted in the template.
 */
export function html(pieces: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const parts = pieces.map((piece, index) => piece + markup(values[index]));
  return new Html(parts.join(''));
}

function markup(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.text;
  if (typeof value === 'object') return value.map(({ text }) => text).join('');
  return escapeHtml(String(value));
}

/**
 * Data for the page's script: a JSON script element, which browsers don't run. `<` is written as an escape, since
 * `</script>` and `<!--` would end or change the element wherever they stand.
 * @param kind what the script looks for, in the attribute `data-kind`
 */
export function jsonElement(kind: string, data: unknown): Html {
  const json = JSON.stringify(data).replace(/</g, '\\u003c');
  return html`<script type="application/json" data-kind="${kind}">
    ${new Html(json)}
  </script>`;
}
