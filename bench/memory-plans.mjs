/*
 * Compares what a plan says of memory with the peak of the run: `node bench/memory-plans.mjs [NAME...]`. Each case is a command of its
 * own, with few steps: the peak is reached at the first ones of the finest scale. Prints one row a case.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { compactWeights } from './vgg.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const example = (name) => join(root, 'examples', name);
const folder = await mkdtemp(join(tmpdir(), 'pastiche-memory-'));
const enlarged = async (name, width, height, file) => {
  const path = join(folder, file);
  await sharp(example(name)).resize(width, height, { fit: 'fill' }).toFile(path);
  return path;
};
const phone = await enlarged('picos-de-europa.jpg', 4032, 3024, 'phone.jpg');
const camera = await enlarged('picos-de-europa.jpg', 8064, 6048, 'camera.jpg');
const largest = await enlarged('picos-de-europa.jpg', 11584, 8632, 'largest.jpg');
const [photo, wave] = [example('picos-de-europa.jpg'), example('great-wave.jpg')];
const steps = ['--iterations', '8'];

const cases = {
  'stylize, 512': ['stylize', photo, wave, '--size', '512', ...steps],
  'stylize, 1024': ['stylize', photo, wave, ...steps],
  'stylize, 12 MP, at its size': ['stylize', phone, wave, ...steps],
  'stylize, 48 MP, at its size': ['stylize', camera, wave, ...steps],
  'stylize, 48 MP, 512': ['stylize', camera, wave, '--size', '512', ...steps],
  'stylize, --style-size 2048': ['stylize', photo, wave, '--size', '512', '--style-size', '2048', ...steps],
  'stylize, --style-scale 4': ['stylize', photo, wave, '--size', '512', '--style-scale', '4', ...steps],
  'stylize, quarter width network, 768': [
    'stylize',
    photo,
    wave,
    '--size',
    '768',
    '--network',
    compactWeights,
    ...steps,
  ],
  'stylize, histograms, 512': ['stylize', photo, wave, '--size', '512', '--histogram-weight', '1', ...steps],
  'stylize, patches, 384': [
    'stylize',
    photo,
    wave,
    '--size',
    '384',
    '--method',
    'patches',
    '--iterations',
    '3',
  ],
  'stylize, neighbours, 512': [
    'stylize',
    photo,
    wave,
    '--size',
    '512',
    '--method',
    'neighbors',
    '--iterations',
    '10',
  ],
  'texture, 1024x1024': ['texture', wave, '--size', '1024x1024', '--iterations', '8'],
  'reconstruct, 512': ['reconstruct', photo, '--size', '512', '--layer', 'relu4_2', '--iterations', '3'],
  'apply, 0.7 MP': ['apply', 'wave', photo],
  'apply, 12 MP': ['apply', 'wave', phone],
  'apply, 48 MP': ['apply', 'wave', camera],
  'apply, 100 MP': ['apply', 'wave', largest],
  ...Object.fromEntries(
    [
      ['relu4_1', 'exact'],
      ['relu4_1', 'approximate'],
      ['relu2_1', 'exact'],
      ['relu2_1', 'approximate'],
      ['relu1_1', 'approximate'],
    ].map(([layer, search]) => [
      `match, ${layer}, ${search}`,
      ['match', photo, wave, '--layer', layer, '--search', search],
    ]),
  ),
  'match, 12 MP': ['match', phone, wave],
  'dry run, 48 MP, 512': ['stylize', camera, wave, '--size', '512', '--dry-run'],
};

function run(args) {
  const output = join(folder, args[0] === 'match' ? 'matched' : 'out.png');
  const command = [join(root, 'dist/command-line/main.js'), ...args, '-o', output, '--json'];
  const env = { ...process.env, PASTICHE_MEMORY_LIMIT: '1000000' };
  const script = `
    process.argv.splice(1, 1);
    const end = () => process.stderr.write('peak ' + process.resourceUsage().maxRSS * 1024 + '\\n');
    process.on('exit', end);
    await import(process.argv[1]);`;
  const shell = [
    '/bin/sh',
    ['-c', '"$@" 2>&1', 'sh', process.execPath, '--input-type=module', '-e', script, 'x', ...command],
  ];
  const printed = execFileSync(...shell, { env, encoding: 'utf8', maxBuffer: 1e8 });
  const json = printed.split('\n').find((line) => line.startsWith('{'));
  return { ...JSON.parse(json), peak: Number(/peak (\d+)/.exec(printed)[1]) / 1e6 };
}

const only = process.argv.slice(2);
console.log('| case | planned MB | peak MB | planned / peak |\n| --- | --- | --- | --- |');
for (const [name, args] of Object.entries(cases)) {
  if (only.length > 0 && !only.includes(name)) continue;
  const isDry = args.includes('--dry-run');
  const planned = run(isDry ? args : [...args, '--dry-run']).memoryMb;
  const { peak } = run(args);
  console.log(`| ${name} | ${planned} | ${Math.round(peak)} | ${(planned / peak).toFixed(2)} |`);
}
await rm(folder, { recursive: true });
