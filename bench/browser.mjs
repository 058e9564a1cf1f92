/*
 * The browser beside Node.js, on one machine: `node bench/browser.mjs [times] [sizes] [studio] [parity] [--side=512] [--rounds=5]
 * [--limit=60]`, all four unless some are named; after `npm run build`. Prints tables.
 *
 * times   one VGG iteration of the compact network and one pass of each shipped network: Node.js, WebAssembly with two threads in an
 *         isolated page, and WebGPU where there is a graphics card.
 * sizes   what a browser fetches of the page and of the package's bundle.
 * studio  from a press of Paint in a new browser to the first picture.
 * parity  the largest differences of every operation and every method, from the cases of the tests; WebGPU is SwiftShader there, which
 *         takes many minutes, `--limit` of them at most.
 */
/* global document, requestAnimationFrame -- of the page that is measured */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { createNativeRuntime } from '../dist/engine.node.js';
import * as node from '../dist/node.js';
import { startStudio } from '../dist/service/studio-server.node.js';
import { launch, serveRepository } from './browser-page.mjs';
import { work } from './browser-work.mjs';
import { median } from './processes.mjs';
import { compactWeights, weightsOf, yardstickLoss } from './vgg.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const asked = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const numberOf = (name, standard) =>
  Number(process.argv.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3) ?? standard);
const [side, rounds, limit] = [numberOf('side', 512), numberOf('rounds', 5), numberOf('limit', 60)];
const isAsked = (part) => asked.length === 0 || asked.includes(part);

function table(heads, rows) {
  const line = (cells) => console.log(`| ${cells.join(' | ')} |`);
  line(heads);
  line(heads.map(() => '---'));
  rows.forEach(line);
  console.log();
}

/** Runs the work in a page. @returns undefined where there is no such device, or it is the processor */
async function inPage(browser, address, device, settings) {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => 'engine' in globalThis);
  if (device === 'webgpu') {
    const isCard = await page.evaluate(async () => {
      const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
      return Boolean(adapter) && !(adapter.info?.isFallbackAdapter ?? adapter.isFallbackAdapter ?? false);
    });
    if (!isCard) return undefined;
  }
  const weights = `/${compactWeights.slice(root.length)}`;
  return page.evaluate(`(async () => {
    const runtime = engine.createWebRuntime({ device: '${device}', threads: 2, wasm: '/node_modules/onnxruntime-web/dist/' });
    const found = await (${work})(pastiche, runtime, ${JSON.stringify({ ...settings, weights })});
    const used = runtime.device;
    await runtime.dispose();
    return { ...found, used, isolated: crossOriginIsolated };
  })()`);
}

async function times() {
  const settings = { side, rounds, loss: yardstickLoss };
  const runtime = createNativeRuntime({ threads: 2 });
  const own = await work(node, runtime, { ...settings, weights: await weightsOf('16x') });
  await runtime.dispose();
  const [site, browser] = [await serveRepository(), await launch()];
  const version = browser.version();
  const wasm = await inPage(browser, site.address, 'cpu', settings);
  const card = await inPage(browser, site.address, 'webgpu', settings);
  await browser.close();
  site.close();
  const names = {
    iteration: 'one iteration, quarter-width VGG-19',
    wave: 'one pass of the shipped network for eight styles',
    any: 'one pass of the shipped network for any painting, with the painting',
  };
  console.log(`Chromium ${version}, Node.js ${process.version}, two threads each, medians of ${rounds}.`);
  console.log(`The page is ${wasm.isolated ? '' : 'not '}isolated, and computes on ${wasm.used}.`);
  console.log(
    card === undefined ? 'WebGPU: no adapter but software.\n' : `WebGPU computes on ${card.used}.\n`,
  );
  const inMilliseconds = (value) => `${value.toFixed(0)} ms`;
  table(
    ['what', 'Node.js', 'WebAssembly', 'ratio', 'WebGPU'],
    Object.entries(names).map(([key, name]) => {
      const [here, there] = [median(own[key]), median(wasm[key])];
      const onCard = card === undefined ? 'no card' : inMilliseconds(median(card[key]));
      return [
        `${name}, ${side}x${side}`,
        ...[inMilliseconds(here), inMilliseconds(there), (there / here).toFixed(2), onCard],
      ];
    }),
  );
}

function sizes() {
  const kilobytes = (bytes) => `${Math.round(bytes / 1000)} kB`;
  const filesOf = (folder) =>
    readdirSync(join(root, folder))
      .filter((name) => /\.(js|css|html)$/.test(name))
      .map((name) => ({ folder, name, bytes: readFileSync(join(root, folder, name)) }));
  const rows = ['dist/studio', 'dist/studio/assets', 'dist/bundle'].flatMap((folder) => {
    const files = filesOf(folder);
    const sum = (sizeOf) => files.reduce((bytes, file) => bytes + sizeOf(file), 0);
    const cells = (name, raw, packed) => [name, kilobytes(raw), kilobytes(packed)];
    return [
      ...files.map(({ name, bytes }) => cells(`\`${folder}/${name}\``, bytes.length, gzipSync(bytes).length)),
      cells(
        `all of \`${folder}\``,
        sum(({ bytes }) => bytes.length),
        sum(({ bytes }) => gzipSync(bytes).length),
      ),
    ];
  });
  table(['file', 'size', 'gzip'], rows);
}

/** Seconds from a press of Paint to the picture, in a browser that has never been there. */
async function paintCold(size, waitsForPlan) {
  const [studio, browser] = [await startStudio(0), await launch()];
  const page = await browser.newPage();
  await page.goto(studio.address);
  await page.fill('#knob-size', String(size));
  await page.keyboard.press('Tab');
  await page.setInputFiles('[data-role=content] input[type=file]', join(root, 'examples/two-dogs.jpg'));
  await page.setInputFiles('[data-role=styles] input[type=file]', join(root, 'examples/great-wave.jpg'));
  const button = page.locator('.actions button', { hasText: 'Paint' });
  await button.waitFor();
  // What a person looks at before the press: the plan, and the engine that starts meanwhile.
  if (waitsForPlan) {
    await page.locator('.standing .hint', { hasText: 'pixels' }).waitFor();
    await page.waitForTimeout(3000);
  }
  const milliseconds = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const started = performance.now();
        const look = () =>
          document.querySelector('.frame.result canvas') === null
            ? requestAnimationFrame(look)
            : resolve(performance.now() - started);
        [...document.querySelectorAll('.actions button')].find((one) => one.textContent === 'Paint').click();
        look();
      }),
  );
  await browser.close();
  await studio.close();
  return milliseconds / 1000;
}

async function studio() {
  const rows = [];
  for (const [name, waitsForPlan] of [
    ['at once', false],
    ['three seconds after the plan is there', true],
  ]) {
    for (const size of [384, 512]) {
      const seconds = [];
      for (let round = 0; round < rounds; round += 1) seconds.push(await paintCold(size, waitsForPlan));
      rows.push([
        `${name}, ${size}`,
        `${median(seconds).toFixed(2)} s`,
        `${Math.min(...seconds).toFixed(2)} s`,
      ]);
    }
  }
  table([`Paint to the first picture, ${rounds} new browsers each`, 'median', 'least'], rows);
}

/** The tests' own cases, which note what they find in a file. */
function parity() {
  const folder = mkdtempSync(join(tmpdir(), 'pastiche-parity-'));
  const file = join(folder, 'differences.jsonl');
  const tests = ['test/browser/operators.test.ts', 'test/browser/methods.test.ts'];
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...tests], {
    cwd: root,
    env: { ...process.env, PASTICHE_PARITY: file },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 60_000 * limit,
  });
  const notes = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  rmSync(folder, { recursive: true });
  if (status !== 0) console.log('Some of the tests failed, or did not come to their end.\n');
  for (const what of ['operation', 'method']) {
    const some = notes.filter((note) => note.what === what);
    const worst = (name, device) => {
      const found = some.filter((note) => note.name === name && note.device === device);
      return found.length === 0
        ? 'not run'
        : Math.max(...found.map(({ relative }) => relative ?? NaN)).toExponential(1);
    };
    table(
      [what, 'WebAssembly', 'WebGPU (SwiftShader)'],
      [...new Set(some.map(({ name }) => name))].map((name) => [
        name,
        worst(name, 'cpu'),
        worst(name, 'webgpu'),
      ]),
    );
  }
}

for (const [name, measure] of Object.entries({ times, sizes, studio, parity })) {
  if (!isAsked(name)) continue;
  console.log(`## ${name}\n`);
  await measure();
}
