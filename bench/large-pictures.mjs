/*
 * One iteration at sizes of 1 to 100 megapixels within a limit of memory: seconds, the process's peak and what the plan says, each in a
 * process of its own, from the file of a photograph to the file of the result, as the command line does it:
 *
 *   node bench/large-pictures.mjs sizes [MEGAPIXELS,...] [--limit=MB] [--network=shipped|16x|vgg19] [--plot=FILE.svg]
 *   node bench/large-pictures.mjs limits [MB,...]        VGG-19 (random numbers) at 512x512, memory against time
 *
 * Prints tables in Markdown, a row as soon as it is known; the plot is of those of this run. A size that is refused says so.
 */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { readImageSize, stylize } from '../dist/node.js';
import { megabytes } from './processes.mjs';
import { weightsOf } from './vgg.mjs';

const sizes = {
  1: [1156, 864],
  2: [1632, 1224],
  4: [2316, 1728],
  8.3: [3840, 2160],
  16: [4632, 3456],
  33: [7680, 4320],
  100: [11586, 8640],
};
const example = (name) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url));

/** One run, in this process; its last line is what it took. */
async function measure([network, content, folder, limit, iterations]) {
  const { width, height } = await readImageSize(content, { maxPixels: 2e8 });
  const memoryLimit = limit === 'none' ? 1e12 : Number(limit) * 1e6;
  let plan;
  let milliseconds = [];
  const started = performance.now();
  const result = await stylize(
    {
      content,
      styles: example('great-wave.jpg'),
      network: network === 'shipped' ? 'pastiche-vgg' : await weightsOf(network),
      size: Math.max(width, height),
      scales: [Math.max(width, height)],
      iterations: Number(iterations),
    },
    {
      memoryLimit,
      maxPixels: 2e8,
      onProgress: (event) => {
        if (event.type === 'picture') plan = event.plan;
        if (event.type === 'iteration') milliseconds = [...milliseconds, event.milliseconds];
      },
    },
  );
  await result.write(join(folder, 'result.jpg'));
  const { window, history, compact } = plan.scales.at(-1);
  const form = [
    window === undefined ? 'at once' : `windows of ${window}`,
    ...(compact === true ? ['compact'] : history === undefined ? [] : [`${history} remembered`]),
  ].join(', ');
  // A quasi-Newton step may look at more than one point; what grows with the pixels is one look.
  const seconds = milliseconds.reduce((sum, one) => sum + one, 0) / 1000 / result.evaluations;
  const all = (performance.now() - started) / 1000;
  console.log(
    JSON.stringify({ seconds, all, peak: megabytes(), planned: Math.round(plan.memoryBytes / 1e6), form }),
  );
}

/** The same in a process of its own. @returns what it took, or why not */
function measured(...args) {
  const command = [fileURLToPath(import.meta.url), 'one', ...args.map(String)];
  const { status, stdout, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' });
  if (status === 0) return JSON.parse(stdout.trim().split('\n').at(-1));
  return { refused: stderr.split('\n').find((line) => line.includes('Error')) ?? `ended with ${status}` };
}

async function enlarged(folder, [width, height]) {
  const path = join(folder, `${width}x${height}.jpg`);
  await sharp(example('picos-de-europa.jpg')).resize(width, height, { fit: 'fill' }).toFile(path);
  return path;
}

const rowOf = (first, { refused, form, planned, peak, seconds, all }) =>
  refused === undefined
    ? `| ${first} | ${form} | ${planned} | ${peak} | ${seconds.toFixed(1)} | ${all.toFixed(1)} |`
    : `| ${first} | ${refused} | | | | |`;
const columns = 'what the plan chose | planned MB | peak MB | s an evaluation | s in all |';
const load = () => `Load of the machine: ${loadavg()[0].toFixed(1)}.`;

/** Seconds over megapixels on logarithmic axes, with the line that is proportional to the pixels through the middle of the points. */
function plotOf(points) {
  const [width, height, left, bottom] = [640, 420, 60, 50];
  const [xs, ys] = [points.map(({ x }) => x), points.map(({ y }) => y)];
  const ends = (values) => [
    Math.floor(Math.log10(Math.min(...values))),
    Math.ceil(Math.log10(Math.max(...values))),
  ];
  const [[x0, x1], [y0, y1]] = [ends(xs), ends(ys)].map(([from, to]) => [from, Math.max(to, from + 1)]);
  const across = (x) => left + ((Math.log10(x) - x0) / (x1 - x0)) * (width - left - 20);
  const up = (y) => height - bottom - ((Math.log10(y) - y0) / (y1 - y0)) * (height - bottom - 20);
  const powers = (from, to) => Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
  const text = (x, y, anchor, words) =>
    `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" text-anchor="${anchor}">${words}</text>`;
  const line = (from, to, style) =>
    `<path d="M${from.map((one) => one.toFixed(1)).join(' ')}L${to.map((one) => one.toFixed(1)).join(' ')}" ${style}/>`;
  const pale = 'stroke="#ddd"';
  const perPixel = Math.exp(points.reduce((sum, { x, y }) => sum + Math.log(y / x), 0) / points.length);
  const [first, last] = [Math.min(...xs), Math.max(...xs)];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="13">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...powers(x0, x1).map(
      (x) =>
        line([across(x), up(10 ** y0)], [across(x), up(10 ** y1)], pale) +
        text(across(x), height - bottom + 20, 'middle', x),
    ),
    ...powers(y0, y1).map(
      (y) =>
        line([across(10 ** x0), up(y)], [across(10 ** x1), up(y)], pale) +
        text(left - 8, up(y) + 4, 'end', y),
    ),
    line(
      [across(first), up(first * perPixel)],
      [across(last), up(last * perPixel)],
      'stroke="#888" stroke-dasharray="5 4"',
    ),
    ...points.map(
      ({ x, y }) =>
        `<circle cx="${across(x).toFixed(1)}" cy="${up(y).toFixed(1)}" r="4" fill="#1f6fb2"/>` +
        text(across(x) + 8, up(y) + 16, 'start', `${y.toFixed(1)} s`),
    ),
    text((left + width) / 2, height - 10, 'middle', 'megapixels'),
    text(left - 44, 14, 'start', 's an evaluation; dashed: proportional to the pixels'),
    '</svg>\n',
  ].join('\n');
}

async function tableOfSizes(folder, given, { limit, network, plot }) {
  console.log(`${load()} Limit ${limit} MB, network ${network}, one iteration.\n`);
  console.log(`| megapixels | ${columns}\n| --- | --- | --- | --- | --- | --- |`);
  const points = [];
  for (const name of given) {
    if (sizes[name] === undefined) throw new Error(`No size is called ${name}: ${Object.keys(sizes).join()}`);
    const content = await enlarged(folder, sizes[name]);
    const one = measured(network, content, folder, limit, 1);
    console.log(rowOf(`${name} (${sizes[name].join('x')})`, one));
    if (one.refused === undefined)
      points.push({ x: (sizes[name][0] * sizes[name][1]) / 1e6, y: one.seconds });
    await rm(content);
  }
  if (points.length > 1 && plot !== undefined) await writeFile(plot, plotOf(points));
  console.log(`\n${load()}`);
}

async function tableOfLimits(folder, limits) {
  console.log(`${load()} VGG-19 with random numbers, 512x512, two iterations.\n`);
  console.log(`| limit MB | ${columns}\n| --- | --- | --- | --- | --- | --- |`);
  const content = await enlarged(folder, [512, 512]);
  for (const limit of limits) console.log(rowOf(limit, measured('vgg19', content, folder, limit, 2)));
  console.log(`\n${load()}`);
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    limit: { type: 'string', default: '8000' },
    network: { type: 'string', default: 'shipped' },
    plot: { type: 'string' },
  },
});
const [what, list] = positionals;
if (what === 'one') await measure(positionals.slice(1));
else {
  const folder = await mkdtemp(join(tmpdir(), 'pastiche-large-'));
  const listed = list?.split(',');
  try {
    if (what === 'limits') {
      await tableOfLimits(folder, listed ?? ['none', '1600', '1400', '1200', '1000', '800']);
    } else if (what === 'sizes') {
      const inOrder = Object.keys(sizes).sort((a, b) => a - b);
      await tableOfSizes(folder, listed ?? inOrder, values);
    } else throw new Error('Say what is measured: sizes or limits.');
  } finally {
    await rm(folder, { recursive: true });
  }
}
