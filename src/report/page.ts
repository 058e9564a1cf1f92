import { Html, html } from './html.js';
import { pageScript } from './page-script.js';
import { pageStyle } from './page-style.js';

/** The source text of the charting library (uPlot), to be put into a page. */
export interface ChartLibrary {
  readonly script: string;
  readonly style: string;
}

/** A page that needs nothing but itself. */
export interface Page {
  readonly title: string;
  /** One line under the title: how far the work is. */
  readonly status: Html;
  readonly sections: readonly Html[];
  /** Reload every so many seconds, while the work goes on and the file is rewritten. */
  readonly refreshSeconds?: number | undefined;
}

/**
 * A whole HTML document. Everything is inlined, and its content security policy forbids any request: it can be kept,
 * sent and opened anywhere.
 */
export function renderPage(page: Page, library: ChartLibrary): string {
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
  const refresh =
    page.refreshSeconds === undefined
      ? undefined
      : html`<meta http-equiv="refresh" content="${page.refreshSeconds}" />`;
  const document = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        ${refresh}
        <title>${page.title}</title>
        ${inlined('style', library.style)} ${inlined('style', pageStyle)}
      </head>
      <body>
        <header>
          <h1>${page.title}</h1>
          <p class="status">${page.status}</p>
        </header>
        <main>${page.sections}</main>
        ${inlined('script', library.script)} ${inlined('script', pageScript)}
      </body>
    </html> `;
  return document.text;
}

/** Our own and the library's sources, which have no text that would end the element. */
const inlined = (element: 'style' | 'script', source: string): Html =>
  new Html(`<${element}>${source}</${element}>`);
