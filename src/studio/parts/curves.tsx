import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { termsIn } from '../../losses/terms.js';
import { curve } from '../state/run.js';
import { texts } from '../texts.js';
import { ColumnHeads } from './column-heads.js';

/** Colours that can be told apart on light and on dark, in the order of the terms. */
const colors = ['#c2571a', '#2b7bba', '#2f8f5b', '#9a55b8', '#a8801a', '#c0415f'];

/** Pixels of the page. */
const chartHeight = 190;

/** The terms of the loss, step by step: drawn, and as a table. */
export function CurvesPart(): JSX.Element | null {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<{ readonly chart: uPlot; readonly names: string } | undefined>(undefined);
  const points = curve.value;
  const terms = points[0] === undefined ? [] : termsIn(points[0]);
  const names = terms.map((term) => texts.term[term]);
  const isShown = points.length > 0;
  useEffect(() => {
    if (place.current === null) return;
    const data = [
      points.map(({ iteration }) => iteration),
      ...terms.map((term) => points.map((point) => point[term] ?? null)),
    ] as uPlot.AlignedData;
    if (plot.current?.names !== names.join()) {
      plot.current?.chart.destroy();
      plot.current = { chart: draw(place.current, names, data), names: names.join() };
    } else plot.current.chart.setData(data);
  });
  useEffect(() => {
    if (place.current === null) return undefined;
    const height = chartHeight;
    const observer = new ResizeObserver(([entry]) => {
      plot.current?.chart.setSize({ width: entry!.contentRect.width, height });
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, [isShown]);
  useEffect(() => {
    if (isShown) return () => ((plot.current?.chart.destroy(), (plot.current = undefined)), undefined);
    return undefined;
  }, [isShown]);
  if (!isShown) return null;
  const rows = points.filter((_, index) => index % Math.ceil(points.length / 12) === 0);
  return (
    <section aria-labelledby="curves-heading">
      <h2 id="curves-heading">{texts.curves}</h2>
      <div class="chart" ref={place} aria-hidden="true" />
      <details>
        <summary>{texts.curveTable}</summary>
        <table class="curves-table">
          <ColumnHeads names={[texts.iteration, texts.total, ...names]} />
          <tbody>
            {rows.map((point) => (
              <tr key={point.iteration}>
                <th scope="row">{point.iteration}</th>
                {(['total', ...terms] as const).map((term) => (
                  <td key={term}>{point[term]?.toPrecision(3)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </section>
  );
}

function draw(place: HTMLElement, names: readonly string[], data: uPlot.AlignedData): uPlot {
  const ink = getComputedStyle(place).color;
  const grid = { stroke: `color-mix(in srgb, ${ink} 15%, transparent)` };
  const axis = { stroke: ink, grid, ticks: grid };
  const options: uPlot.Options = {
    width: place.clientWidth,
    height: chartHeight,
    cursor: { drag: { x: false, y: false } },
    scales: { x: { time: false }, y: { distr: 3 } },
    // Steps are whole.
    axes: [
      { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] },
      { ...axis, size: 60 },
    ],
    series: [
      { label: texts.iteration },
      ...names.map((label, index) => ({
        label,
        stroke: colors[index % colors.length]!,
        width: 2,
      })),
    ],
  };
  return new uPlot(options, data, place);
}
