import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeHtml, html, jsonElement } from '../../src/report/html.js';

/** What a browser makes of character references. */
const read = (markup: string): string =>
  markup.replace(
    /&(amp|lt|gt|quot|#39);/g,
    (_, name: string) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name]!,
  );

describe('html', () => {
  it('escapes all text, so that it reads as it was', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const markup = escapeHtml(text);
        expect(markup).not.toMatch(/[<>"']/);
        expect(read(markup)).toBe(text);
        expect(html`<p title="${text}">${text}</p>`.text).toBe(`<p title="${markup}">${markup}</p>`);
      }),
    );
  });

  it('puts markup into markup once', () => {
    const word = (text: string) => html`<i>${text}</i>`;
    const { text } = html`<b>${['a', '<b>'].map(word)}${undefined}${3}</b>`;
    expect(text).toBe('<b><i>a</i><i>&lt;b&gt;</i>3</b>');
  });
});

describe('data for the script', () => {
  it('can’t end its element, and is read back as it was', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string(), (value, text) => {
        const data = { value, text: `</script><!--<script>${text}` };
        const { text: markup } = jsonElement('chart', data);
        expect(markup.match(/</g)).toHaveLength(2);
        const content = /^<script type="application\/json" data-kind="chart">(.*)<\/script>$/s.exec(
          markup,
        )![1]!;
        expect(JSON.parse(content)).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });
});
