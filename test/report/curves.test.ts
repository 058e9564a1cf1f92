import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeCurves } from '../../src/report/curves.node.js';

let folder: string;
beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'pastiche-curves-'))));
afterEach(() => rm(folder, { recursive: true }));

interface DrawnChart {
  unit: string;
  x: number[];
  series: { label: string; colour: string; values: (number | null)[] }[];
}

describe('writeCurves', () => {
  const written = async (curves: Parameters<typeof writeCurves>[1]): Promise<string> => {
    await writeCurves(join(folder, 'curves.html'), curves);
    return readFile(join(folder, 'curves.html'), 'utf8');
  };
  const chartOf = (page: string): DrawnChart =>
    JSON.parse(/data-kind="chart">(.*?)<\/script>/s.exec(page)![1]!) as DrawnChart;

  it('writes a page with the curves and what draws them', async () => {
    const page = await written({ title: '<Losses>', curves: { style: [3, 2, 0], total: [4, 3, 2] } });
    expect(page).toContain('<h1>&lt;Losses&gt;</h1>');
    expect(page).toContain('uPlot');
    expect(chartOf(page)).toMatchObject({
      unit: 'step',
      x: [1, 2, 3],
      series: [
        { label: 'total', colour: 'ink', values: [4, 3, 2] },
        { label: 'style', values: [3, 2, null] },
      ],
    });
  });

  it('draws them over other places', async () => {
    const page = await written({ title: 'Bins', unit: 'activation', x: [0.5, 1.5], curves: { all: [1, 2] } });
    expect(chartOf(page)).toMatchObject({ unit: 'activation', x: [0.5, 1.5] });
  });

  it.each([
    ['no curve', {}],
    ['no value', { a: [] }],
    ['different lengths', { a: [1], b: [1, 2] }],
  ])('refuses %s and writes nothing', async (_, curves) => {
    await expect(written({ title: 'None', curves })).rejects.toMatchObject({ code: 'E_SHAPE' });
    await expect(written({ title: 'None', x: [1, 2, 3], curves })).rejects.toMatchObject({ code: 'E_SHAPE' });
    expect(await readdir(folder)).toEqual([]);
  });
});
