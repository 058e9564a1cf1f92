import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { build } from 'vite';
import { writePicture } from '../e2e/pictures.js';
import { launchChromium, withoutChromium } from './chromium.js';
import { serveSite } from './site.js';

const root = join(import.meta.dirname, '../..');
const patience = 300_000;

describe.skipIf(withoutChromium)('the example pages', () => {
  let browser: Browser;
  let folder: string;
  const at = (...path: string[]): string => join(folder, ...path);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'pastiche-pages-'));
    await writePicture(at('photo.png'), 40, 32, 1);
    await writePicture(at('painting.png'), 32, 36, 2);
    browser = await launchChromium();
  }, patience);
  afterAll(async () => {
    await browser?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const statusOf = async (page: Page): Promise<string> => {
    const status = page.locator('#status');
    await status.filter({ hasText: /done|\. [A-Z]/ }).waitFor({ timeout: patience });
    return (await status.textContent())!;
  };

  it('plain.html paints without any tools', { timeout: patience }, async () => {
    const site = await serveSite();
    const page = await browser.newPage();
    await page.goto(`${site.origin}/examples/browser/plain.html?size=32`);
    await page.setInputFiles('#photograph', at('photo.png'));
    await page.setInputFiles('#painting', at('painting.png'));
    await page.click('#paint');
    expect(await statusOf(page)).toBe('done');
    expect(await page.evaluate(() => document.querySelector('canvas')!.width)).toBe(32);
    await page.close();
    await site.close();
  });

  it('the one with Vite is built as it stands, and finds its files', { timeout: patience }, async () => {
    const project = at('vite');
    await cp(join(root, 'examples/browser/vite'), project, { recursive: true });
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }');
    await mkdir(join(project, 'node_modules'));
    await symlink(root, join(project, 'node_modules/pastiche'), 'junction');
    await build({ root: project, logLevel: 'silent' });
    // Nothing but the build is served.
    const site = await serveSite(new Map(), join(project, 'dist'));
    const page = await browser.newPage();
    await page.goto(`${site.origin}/`);
    await page.setInputFiles('#picture', at('photo.png'));
    expect(await statusOf(page)).toBe('done');
    const image = page.locator('img');
    expect(await image.evaluate((element) => (element as HTMLImageElement).src)).toMatch(/^blob:/);
    const fetched = site.requests.filter((path) => /\.(wasm|onnx)$/.test(path));
    expect(fetched.every((path) => path.startsWith('/assets/'))).toBe(true);
    expect(fetched).toHaveLength(2);
    await page.close();
    await site.close();
  });
});
