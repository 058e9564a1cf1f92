/*
 * What the approximate search of patches finds of what the exact one finds, on features of pictures: `node bench/patch-recall.mjs
 * [PHOTOGRAPH=PAINTING...] [--map LAYER:SIZE...]`, the size a long side in pixels. Pictures are those of `examples`, the network is the
 * package's. Prints a row a map and pair: positions, the share of them with the exact match, the mean of the approximate scores over that
 * of the exact ones, the share of positions that score at least 98 % of the exact score, and the seconds of one search each.
 */
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  createNativeRuntime,
  fitLongSide,
  PatchMatcher,
  pictureInput,
  pictureOf,
  runOnce,
  vggFeatures,
} from '../dist/engine.node.js';
import { readImage, resizeImage } from '../dist/node.js';
import { median } from './processes.mjs';
import { weightsOf } from './vgg.mjs';

const { values, positionals } = parseArgs({
  options: {
    map: { type: 'string', multiple: true, default: ['relu3_1:256', 'relu3_1:512', 'relu2_1:256'] },
    patch: { type: 'string', default: '3' },
  },
  allowPositionals: true,
});
const usualPairs = [
  'picos-de-europa=great-wave',
  'two-dogs=poppies',
  'nagasaki-boats=kazusa-sea-route',
  'wine=arcimboldo-spring',
  'sunset=harvesters',
];
const pairs = (positionals.length > 0 ? positionals : usualPairs).map((pair) => pair.split('='));
const patch = Number(values.patch);
const weights = await weightsOf('shipped');
const runtime = createNativeRuntime({ threads: 2 });

async function featuresOf(name, layer, side) {
  const picture = await readImage(fileURLToPath(new URL(`../examples/${name}.jpg`, import.meta.url)));
  const { width, height } = fitLongSide(picture.width, picture.height, side);
  const image = resizeImage(picture, width, height);
  const map = vggFeatures(pictureOf(image), weights, [layer], { pooling: 'max' })[layer];
  const { map: features } = await runOnce(runtime, { map }, { [pictureInput]: image.rgb });
  return { shape: map.shape, values: features };
}

const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
const percent = (part) => `${(100 * part).toFixed(1)} %`;

/** Both searches with a matcher each that knows the shapes, so that no graph is compiled in the time. */
async function compare(input, target) {
  const seconds = {};
  const found = {};
  for (const search of ['exact', 'approximate']) {
    const matcher = new PatchMatcher(runtime);
    // The first run compiles, and a warm one of the long search shows nothing new.
    const runs = search === 'exact' && input.shape[2] * target.shape[2] > 80 ** 2 ? 1 : 2;
    for (let run = 0; run < runs; run += 1) {
      const start = performance.now();
      found[search] = await matcher.match(input, target, { patch, search });
      seconds[search] = (performance.now() - start) / 1000;
    }
    await matcher.dispose();
  }
  const { exact, approximate } = found;
  const positions = exact.scores.length;
  let same = 0;
  let near = 0;
  for (let i = 0; i < positions; i += 1) {
    const agree = [2 * i, 2 * i + 1].every((k) => exact.correspondence[k] === approximate.correspondence[k]);
    same += agree ? 1 : 0;
    near += approximate.scores[i] >= 0.98 * exact.scores[i] ? 1 : 0;
  }
  const ratio = mean(approximate.scores) / mean(exact.scores);
  return { same: same / positions, near: near / positions, ratio, seconds };
}

console.log(
  '| map | pair | positions | same match | mean score / exact | 98 % of exact | exact, s | approximate, s |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
const sides = ({ shape }) => `${shape[3]}x${shape[2]}`;
for (const [layer, side] of values.map.map((map) => map.split(':'))) {
  const all = [];
  for (const [photograph, painting] of pairs) {
    const input = await featuresOf(photograph, layer, Number(side));
    const target = await featuresOf(painting, layer, Number(side));
    const result = await compare(input, target);
    all.push(result);
    const { same, near, ratio, seconds } = result;
    const cells = [
      ...[`${layer}, ${input.shape[1]} channels`, `${photograph}, ${painting}`],
      ...[`${sides(input)}, ${sides(target)}`, percent(same), ratio.toFixed(4), percent(near)],
      ...[seconds.exact.toFixed(2), seconds.approximate.toFixed(2)],
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  const of = (read) => median(all.map(read));
  const cells = [
    percent(of(({ same }) => same)),
    of(({ ratio }) => ratio).toFixed(4),
    percent(of(({ near }) => near)),
    ...['exact', 'approximate'].map((search) => of(({ seconds }) => seconds[search]).toFixed(2)),
  ];
  console.log(`| ${layer} | median of ${all.length} | | ${cells.join(' | ')} |`);
}
await runtime.dispose();
