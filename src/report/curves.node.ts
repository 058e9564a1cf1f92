import { StyleError } from '../errors.js';
import { replaceFile } from '../replace-file.node.js';
import { readChartLibrary } from './chart-library.node.js';
import { html } from './html.js';
import { curveChart, termSeries } from './page-parts.js';
import { renderPage } from './page.js';

/** Curves over one axis. All text may be any text: it is escaped. */
export interface Curves {
  readonly title: string;
  /** What is counted on the x axis. @defaultValue `step` */
  readonly unit?: string;
  /** Where the values stand on it, rising. @defaultValue 1, 2, 3 and so on */
  readonly x?: readonly number[];
  /** Values by the name of their curve, as many in each; `total` is drawn in black, before the others. */
  readonly curves: Readonly<Record<string, readonly number[]>>;
}

/**
 * Writes curves as an HTML page that needs nothing but itself, drawn as those of the reports are: the y axis is logarithmic, and
 * values that are 0 or less leave gaps.
 * @throws StyleError `E_SHAPE` when there is no value, or the curves differ in length; `E_OUTPUT` when the file can't be written
 * @example
 * ```ts
 * import { writeCurves } from 'pastiche/engine';
 *
 * await writeCurves('losses.html', { title: 'Losses', curves: { content: [0.1, 0.2, 0.25], style: [1, 0.5, 0.3] } });
 * ```
 */
export async function writeCurves(path: string, { title, unit = 'step', x, curves }: Curves): Promise<void> {
  const lengths = [...(x === undefined ? [] : [x]), ...Object.values(curves)].map(({ length }) => length);
  const count = lengths[0] ?? 0;
  if (count === 0 || Object.keys(curves).length === 0 || lengths.some((length) => length !== count)) {
    throw new StyleError(
      'E_SHAPE',
      `The curves of "${title}" have ${lengths.join(', ') || 'no'} values.`,
      'Give at least one curve, and as many values in each as there are places on the x axis.',
    );
  }
  const chart = curveChart({
    unit,
    x: x ?? Array.from({ length: count }, (_, index) => index + 1),
    series: termSeries(curves),
    bands: [],
  });
  const page = renderPage({ title, status: html``, sections: [chart] }, await readChartLibrary());
  await replaceFile(path, Buffer.from(page));
}
