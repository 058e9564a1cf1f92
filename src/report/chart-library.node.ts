import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { ChartLibrary } from './page.js';

/** Reads the charting library as it is installed beside this package. */
export async function readChartLibrary(): Promise<ChartLibrary> {
  const require = createRequire(import.meta.url);
  const read = (file: string): Promise<string> => readFile(require.resolve(`uplot/dist/${file}`), 'utf8');
  const [script, style] = await Promise.all([read('uPlot.iife.min.js'), read('uPlot.min.css')]);
  return { script, style };
}
