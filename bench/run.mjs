/*
 * Our speed and memory beside PyTorch's, in one run on one machine: `npm run bench [-- --quick]`.
 * PyTorch's side needs Debian's python3-torch, and most of it the yardstick, torch_baseline.py in the folder that the
 * environment variable PASTICHE_YARDSTICK names. What is missing is said, and our side is measured alone.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { fitLongSide } from '../dist/engine.js';
import { readImage, resizeImage, writeImage } from '../dist/node.js';
import { median, missingYardstick, ours, torch, torchScript } from './processes.mjs';
import { compactWeights } from './vgg.mjs';
import { spawnSync } from 'node:child_process';

const quick = process.argv.includes('--quick');
const repeats = quick ? 1 : 3;
const rows = [];

function row(what, own, yardstick, unit, target) {
  const ratio = yardstick === undefined ? '' : (own / yardstick).toFixed(2);
  const show = (value) =>
    value === undefined ? 'not run' : `${value.toFixed(unit === 's' ? 2 : 0)} ${unit}`;
  rows.push([what, show(own), show(yardstick), ratio, target]);
  console.log(rows.at(-1).join(' | '));
}

/** Best of several processes of both sides, taken in turns so that a change of the machine's speed meets both. */
function alternate(own, yardstick) {
  const result = { own: [], yardstick: [] };
  for (let round = 0; round < repeats; round += 1) {
    result.own.push(own());
    const other = yardstick();
    if (other !== undefined) result.yardstick.push(other);
  }
  return result;
}

/** Two rows for what both sides do: time, the best round's median, and memory, the median of the rounds' peaks. */
function compare(what, own, yardstick, target, memoryTarget) {
  const rounds = alternate(own, yardstick);
  const least = (list, pick) => (list.length === 0 ? undefined : Math.min(...list.map(pick)));
  const middle = (list, pick) => (list.length === 0 ? undefined : median(list.map(pick)));
  const time = least(rounds.own, (run) => run.median);
  row(
    what,
    time,
    least(rounds.yardstick, (run) => run.ms_median),
    'ms',
    target,
  );
  row(
    'peak memory of the same',
    middle(rounds.own, (run) => run.megabytes),
    middle(rounds.yardstick, (run) => run.peak_rss_mb),
    'MB',
    memoryTarget,
  );
  return time;
}

function iterations(network, side, count, target, memoryTarget) {
  const name = network === 'vgg19' ? 'VGG-19' : 'quarter-width VGG-19';
  return compare(
    `one iteration, ${name}, ${side}x${side}`,
    () => ours('./iteration.mjs', network, side, count),
    () => torch('gatys', '--net', network, '--height', side, '--width', side, '--iterations', count),
    target,
    memoryTarget,
  );
}

const cpu = cpus()[0].model;
console.log(
  `${cpu}, ${availableParallelism()} threads, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`,
);
if (missingYardstick !== '') console.log(`${missingYardstick}\n`);

const { gigaflops } = ours('./matrix-peak.mjs');
const vgg = iterations('vgg19', 512, 4, '<= 0.70', '< 1');
const { operations } = ours('./operations.mjs', 'vgg19', 512);
const speed = operations / vgg / 1e6;
rows.push([
  '  speed of that iteration',
  `${speed.toFixed(0)} GFLOP/s`,
  `matrix product: ${gigaflops.toFixed(0)}`,
  (speed / gigaflops).toFixed(2),
  '>= 0.85',
]);
console.log(rows.at(-1).join(' | '));
iterations('16x', 512, 8, '<= 0.75', '');
iterations('16x', 1024, 4, '<= 0.75', '');
const [atOnce, inWindows] = [[], [1500]].map((limit) => ours('./iteration.mjs', '16x', 2048, 2, ...limit));
row('one iteration at 2048x2048 in windows, beside at once', inWindows.median, atOnce.median, 'ms', '<= 1.6');
row('peak memory of the same', inWindows.megabytes, atOnce.megabytes, 'MB', '<= 1500 MB');

compare(
  'one training step, transformation network of base 32, 256x256, batch 4',
  () => ours('./training-step.mjs', 256, 4, 32, 3),
  () => torch('train', '--size', 256, '--batch', 4, '--base', 32, '--net', '16x', '--iterations', 3),
  '<= 0.60',
  '< 1',
);

function onePass(form, base, height, width, passes, target, memoryTarget) {
  compare(
    `one pass, ${form === 'light' ? 'light network of ours, beside' : ''} Johnson's of base 32, ${height}x${width}`,
    () => ours('./style-network.mjs', form, base, height, width, passes),
    () => torch('johnson', '--base', 32, '--height', height, '--width', width, '--iterations', passes),
    target,
    memoryTarget,
  );
}
onePass('johnson', 32, 512, 512, 5, '<= 0.50', '< 1');
onePass('johnson', 32, 1080, 1920, 3, '<= 0.50', '< 1');
onePass('light', 16, 1080, 1920, 3, '<= 0.12', '< 1');

function anyStyle(height, width, passes, target) {
  compare(
    `one pass after any painting, ${height}x${width}`,
    () => ours('./any-style.mjs', 'random', height, width, passes),
    () => torchScript('./any_style.py', height, width, passes),
    target,
    '< 1',
  );
}
anyStyle(512, 512, 5, '<= 0.60');
anyStyle(1080, 1920, 3, '<= 0.60');
const { code } = ours('./any-style.mjs', 'random', 512, 512, 3);
row("a painting's code, 512 px", code, undefined, 'ms', '');

const [channels, values] = [64, 65_536];
compare(
  `rank matching of ${channels} channels of ${values} activations, one thread`,
  () => ours('./rank-matching.mjs', channels, values, 5),
  () => torchScript('./rank_matching.py', channels, values, 5),
  '<= 0.5',
  '',
);

compare(
  'one step of texture synthesis, quarter-width VGG-19, a tile of 512x512',
  () => ours('./texture.mjs', 512, 8),
  () => torchScript('./texture.py', 512, 8),
  '<= 1',
  '',
);

compare(
  'patch matching, 64x64 against 64x64 positions, 512 channels',
  () => ours('./patch-matching.mjs', 64, 512, 3, 5),
  () => torchScript('./patch_matching.py', 64, 512, 3, 5),
  '< 2000 ms',
  '',
);
// Minutes of work on either side: ours alone, once, for its memory.
const largeMatch = ours('./patch-matching.mjs', 256, 64, 3, 1);
row('patch matching, 256x256 against 256x256 positions, 64 channels', largeMatch.median, undefined, 'ms', '');
row('peak memory of the same', largeMatch.megabytes, undefined, 'MB', '< 2000');

const folder = await mkdtemp(join(tmpdir(), 'pastiche-bench-'));
try {
  const example = (name) => fileURLToPath(new URL(`../examples/${name}.jpg`, import.meta.url));
  const resized = async (name) => {
    const image = await readImage(example(name));
    const { width, height } = fitLongSide(image.width, image.height, 512);
    await writeImage(join(folder, `${name}.png`), resizeImage(image, width, height));
    return join(folder, `${name}.png`);
  };
  const [content, style] = [await resized('picos-de-europa'), await resized('great-wave')];

  const start = process.hrtime.bigint();
  const cli = fileURLToPath(new URL('../dist/command-line/main.js', import.meta.url));
  const once = [
    cli,
    'stylize',
    content,
    style,
    '-o',
    join(folder, 'out.png'),
    '--network',
    compactWeights,
    '--quiet',
  ];
  const { status, stderr } = spawnSync(process.execPath, [...once, '--scales', '512', '--iterations', '1'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  row(
    'process start, one iteration at 512, picture written',
    Number(process.hrtime.bigint() - start) / 1e9,
    undefined,
    's',
    '<= 1.5 to the iteration',
  );

  for (const [method, what, target] of [
    ['gram', 'default stylisation with the shipped network, 512 px', '<= 12'],
    ['neighbors', 'the same by neighbours', '<= 30'],
  ]) {
    const made = ours(
      './default-stylization.mjs',
      content,
      style,
      join(folder, `${method}.png`),
      512,
      method,
    );
    row(what, made.seconds, undefined, 's', target);
    row('peak memory of the same', made.megabytes, undefined, 'MB', '');
  }

  const pair = ['--content', content, '--style', style, '--long-side', 512];
  const reference = torch('gatys', '--net', '16x', ...pair, '--iterations', 300);
  if (reference !== undefined) {
    const goal = reference.log.at(-1)[0];
    const timeToLoss = (network, what, target) => {
      const own = ours('./time-to-loss.mjs', content, style, goal, network);
      row(what, own.seconds, reference.seconds_total, 's', target);
      row('peak memory of the same', own.megabytes, reference.peak_rss_mb, 'MB', '');
    };
    timeToLoss('16x', `time to loss ${goal.toFixed(3)} (PyTorch: 300 Adam steps at 512)`, '<= 0.25');
    timeToLoss('shipped', 'the same loss with the shipped network', '<= 0.25');
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}

console.log('\n| what | Pastiche | PyTorch | ratio | target |\n| --- | --- | --- | --- | --- |');
for (const cells of rows) console.log(`| ${cells.join(' | ')} |`);
