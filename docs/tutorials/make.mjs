/*
 * Runs the programs of the tutorials: all TypeScript of a page, top to bottom, is one program.
 *
 *   npm run build && node docs/tutorials/make.mjs gatys
 *
 * runs that of `gatys.md`, and every page's without a name. They write `out-*` files where you are. With `--pictures` these become
 * the pictures of the pages; curves are drawn by a browser then (`chromium`, or what CHROMIUM names).
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import ts from 'typescript';

const folder = fileURLToPath(new URL('.', import.meta.url));
const { values, positionals } = parseArgs({
  options: { pictures: { type: 'boolean', default: false } },
  allowPositionals: true,
});

/** Runs a page's program as a module of this package. */
function run(page) {
  const program = [...page.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(([, code]) => code).join('');
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  const { outputText: input } = ts.transpileModule(program, { compilerOptions });
  const stdio = ['pipe', 'inherit', 'inherit'];
  const { status } = spawnSync(process.execPath, ['--input-type=module'], { input, stdio });
  if (status !== 0) process.exit(1);
}

/** A page of curves as a picture. */
async function photograph(html, to) {
  const shot = join(tmpdir(), `pastiche-curves-${process.pid}.png`);
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--hide-scrollbars', '--window-size=760,700'];
  const browser = process.env.CHROMIUM ?? 'chromium';
  execFileSync(browser, [...flags, `--screenshot=${shot}`, pathToFileURL(resolve(html)).href], {
    stdio: 'ignore',
  });
  await sharp(shot).trim({ margin: 8 }).png({ palette: true, colours: 64 }).toFile(to);
}

const pages = (await readdir(folder)).filter((file) => file.endsWith('.md') && file !== 'README.md').sort();
for (const file of pages) {
  const name = file.slice(0, -'.md'.length);
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const page = await readFile(join(folder, file), 'utf8');
  run(page);
  if (!values.pictures) continue;
  for (const [, picture, suffix] of page.matchAll(/\(pictures\/([\w-]+)\.(\w+)\)/g)) {
    const to = join(folder, `pictures/${picture}.${suffix}`);
    if (suffix === 'png') await photograph(`out-${picture}.html`, to);
    else await sharp(`out-${picture}.png`).jpeg({ quality: 85, mozjpeg: true }).toFile(to);
  }
}
