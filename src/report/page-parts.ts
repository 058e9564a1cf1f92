import { html, jsonElement, type Html } from './html.js';

/** A picture on a page. */
export interface PagePicture {
  /** A `data:` address. */
  readonly source: string;
  readonly caption: string;
  /** Size in pixels of what is shown. */
  readonly width: number;
  readonly height: number;
}

/** A part of a page under a heading. */
export function section(heading: string, ...parts: readonly Html[]): Html {
  return html`<section>
    <h2>${heading}</h2>
    ${parts}
  </section>`;
}

/** Two pictures on top of each other with a slider that uncovers one or the other. */
export function comparison(before: PagePicture, after: PagePicture): Html {
  const { width, height } = after;
  // As wide as the page allows, but never taller than a usual screen.
  const widest = Math.round((720 * width) / height);
  return html`<div
    class="comparison"
    style="aspect-ratio: ${width} / ${height}; max-width: min(100%, ${widest}px)"
  >
    <img class="after" src="${after.source}" alt="${after.caption}" />
    <img class="before" src="${before.source}" alt="${before.caption}" />
    <span class="label left">${before.caption}</span>
    <span class="label right">${after.caption}</span>
    <div class="handle"></div>
    <input
      type="range"
      min="0"
      max="100"
      step="0.1"
      value="50"
      aria-label="How much of ${before.caption} covers ${after.caption}"
    />
  </div>`;
}

/** Pictures side by side: `large` as large as the page allows, `sources` few and smaller, `strip` many and small. */
export function pictures(layout: 'large' | 'sources' | 'strip', shown: readonly PagePicture[]): Html {
  return html`<div class="${layout}">${shown.map(figure)}</div>`;
}

function figure({ source, caption, width, height }: PagePicture): Html {
  return html`<figure>
    <img src="${source}" width="${width}" height="${height}" alt="${caption}" style="height: auto" />
    <figcaption>${caption}</figcaption>
  </figure>`;
}

/**
 * Names and values in columns.
 * @param head what stands above the columns
 */
export function facts(rows: readonly (readonly string[])[], head: readonly string[] = []): Html {
  const lines = rows.map(
    ([name, ...values]) =>
      html`<tr>
        <th scope="row">${name}</th>
        ${values.map((value) => html`<td>${value}</td>`)}
      </tr>`,
  );
  const columns = head.map((name) => html`<th scope="col">${name}</th>`);
  return html`<table class="facts">
    ${
      head.length === 0
        ? undefined
        : html`<thead>
            <tr>
              ${columns}
            </tr>
          </thead>`
    }
    <tbody>
      ${lines}
    </tbody>
  </table>`;
}

/** A command line with a button that copies it. */
export function commandBlock(command: string): Html {
  return html`<div class="command">
    <pre>${command}</pre>
    <button type="button">Copy</button>
  </div>`;
}

/** One curve of a chart; `colour` names a variable of the style sheet. */
export interface ChartSeries {
  readonly label: string;
  readonly colour: CurveColour;
  /** Line width in pixels. */
  readonly width: number;
  readonly dashed?: boolean;
  readonly values: readonly number[];
}

export type CurveColour = 'ink' | 'accent' | TermColour;

const termColours = ['content', 'style', 'smoothness', 'violet', 'rose', 'teal', 'gold', 'slate'] as const;
type TermColour = (typeof termColours)[number];

export interface Chart {
  /** What is counted on the x axis. @defaultValue `iteration` */
  readonly unit?: string;
  /** Iterations, rising. */
  readonly x: readonly number[];
  readonly series: readonly ChartSeries[];
  /** Stretches of the x axis with a name, by where they begin. */
  readonly bands: readonly { readonly from: number; readonly label: string }[];
}

/** Curves of the total and of however many terms: one colour each, dashed when the colours come round again. */
export function termSeries(curves: Readonly<Record<string, readonly number[]>>): ChartSeries[] {
  const { total, ...terms } = curves;
  const series = Object.entries(terms).map(([label, values], index): ChartSeries => {
    const colour = termColours[index % termColours.length]!;
    return { label, colour, width: 1.5, values, dashed: index >= termColours.length };
  });
  return total === undefined
    ? series
    : [{ label: 'total', colour: 'ink', width: 2, values: total }, ...series];
}

/** More points than a screen has columns say nothing more. */
const mostPoints = 3000;

/** What is this many times smaller than the largest value would stretch the axis and say nothing: it is 0 but for rounding. */
const smallestPart = 1e-5;

/** Curves over iterations with a logarithmic axis. Values that are 0, or nearly, leave gaps. */
export function curveChart({ unit = 'iteration', x, series, bands }: Chart): Html {
  const every = Math.ceil(x.length / mostPoints);
  const thinned = <T>(values: readonly T[]): T[] =>
    values.filter((_, index) => index % every === 0 || index === values.length - 1);
  const finite = series.flatMap(({ values }) => values).filter(Number.isFinite);
  const floor = smallestPart * finite.reduce((largest, value) => Math.max(largest, value), 0);
  const drawable = (value: number): number | null => (value > floor ? Number(value.toPrecision(5)) : null);
  const data = {
    unit,
    x: thinned(x),
    series: series.map((one) => ({ ...one, values: thinned(one.values).map(drawable) })),
    bands,
  };
  return html`<div class="chart">${jsonElement('chart', data)}</div>`;
}
