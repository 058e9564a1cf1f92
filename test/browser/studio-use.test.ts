import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { withoutChromium } from './chromium.js';
import { computingWorkers, endWorker } from './observed-worker.js';
import { studioPage } from './studio-page.js';

const examples = join(import.meta.dirname, '../../examples');
const patience = 240_000;
const wait = { timeout: patience };

describe.skipIf(withoutChromium)('the studio in use', () => {
  const opened = studioPage(patience, {});
  /** The bytes of the picture in the middle. */
  const pixels = (): Promise<string> =>
    opened()
      .page.locator('.compared canvas')
      .evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  const changed = (before: string): Promise<void> =>
    expect.poll(async () => (await pixels()) !== before, wait).toBe(true);
  const slide = (selector: string, value: string): Promise<void> =>
    opened().page.locator(selector).fill(value);

  it('follows the blend of paintings without a click', wait, async () => {
    const { page, press, status, command } = opened();
    await page.setInputFiles('[data-role=content] input[type=file]', join(examples, 'two-dogs.jpg'));
    await page.setInputFiles('[data-role=styles] input[type=file]', [
      join(examples, 'great-wave.jpg'),
      join(examples, 'poppies.jpg'),
    ]);
    await page.fill('#knob-size', '48');
    await page.keyboard.press('Tab');
    await press('Paint');
    await status('Done');
    const before = await pixels();
    await slide('[aria-label="Weight of poppies.jpg"]', '0');
    await changed(before);
    await status('Done');
    expect(await command()).toContain('--style-blend 1,0');
    const first = await pixels();
    await slide('[aria-label="Weight of poppies.jpg"]', '1');
    await changed(first);
    await status('Done');
    // The same weights give the same picture again.
    expect(await pixels()).toBe(before);
  });

  it('uncovers the picture before by a slider, with keys too', wait, async () => {
    const { page } = opened();
    const compare = page.getByLabel('Compare with the picture before');
    const uncovered = async (): Promise<number> => {
      const [whole, part] = await page.evaluate(() => {
        const [result, divider] = ['.compared', '.compared .divider'].map((name) =>
          document.querySelector(name)!.getBoundingClientRect(),
        ) as [DOMRect, DOMRect];
        return [result.width, divider.left + divider.width / 2 - result.left];
      });
      return part! / whole!;
    };
    expect(await uncovered()).toBeLessThan(0.02);
    await compare.fill('50');
    expect(await uncovered()).toBeCloseTo(0.5, 2);
    await compare.press('End');
    expect(await uncovered()).toBeGreaterThan(0.98);
    await compare.fill('0');
  });

  it('keeps a history, over a reload too', wait, async () => {
    const { page, status, press } = opened();
    const results = page.locator('.strip li');
    // A painting and what followed its slider are one.
    await expect.poll(() => results.count(), wait).toBe(1);
    const before = await pixels();
    await page.fill('#knob-size', '40');
    await page.keyboard.press('Tab');
    await changed(before);
    await status('Done');
    await press('Paint');
    await expect.poll(() => results.count(), wait).toBe(2);
    await page.reload();
    await expect.poll(() => results.count(), wait).toBe(2);
    await results.nth(1).locator('button').first().click();
    await page.locator('.compared canvas').waitFor();
    expect(await page.inputValue('#knob-size')).toBe('40');
    expect(await page.locator('[data-role=styles] .thumbs > li').count()).toBeGreaterThan(1);
    await page.locator('.strip .remove').first().click();
    await expect.poll(() => results.count(), wait).toBe(1);
  });

  it.each([
    ['PNG', 'png'],
    ['JPEG', 'jpeg'],
    ['WebP', 'webp'],
  ])('downloads %s', wait, async (_, format) => {
    const { page } = opened();
    const downloading = page.waitForEvent('download');
    await page.getByLabel(`Download as ${format.toUpperCase()}`).click();
    const file = await readFile(await (await downloading).path());
    expect(await sharp(file).metadata()).toMatchObject({ format, width: 27, height: 40 });
  });

  it('goes back to an earlier step, and on from there', wait, async () => {
    const { page, press, status } = opened();
    await press('Refine');
    await status(/Step (2[2-9]|[345]\d) of 60/);
    await press('Pause');
    await status(/Paused/);
    const now = await pixels();
    await page.locator('.undo input').fill('0');
    await changed(now);
    await page.locator('.undo button').click();
    await status(/Step (1\d|2\d) of 60/);
    await status('Done');
  });

  it('goes on with another worker when the one that computes ends', wait, async () => {
    const { page, press, status } = opened();
    await press('Refine');
    await status(/Step (1[2-9]|2\d) of 60/);
    await endWorker(computingWorkers(page).at(-1)!);
    await status('Done');
    expect(await page.locator('.problem').count()).toBe(0);
    expect(await page.locator('.compared canvas').count()).toBe(1);
  });

  it('paints regions with a brush, and names the paintings for them', wait, async () => {
    const { page, press, status, command } = opened();
    await page.locator('summary', { hasText: 'Optional' }).click();
    await page.getByLabel('Content mask: paint it').click();
    const canvas = page.locator('.mask-picture canvas');
    const { x, y, width, height } = (await canvas.boundingBox())!;
    const stroke = async (column: number): Promise<void> => {
      await page.mouse.move(x + column * width, y + 0.1 * height);
      await page.mouse.down();
      await page.mouse.move(x + column * width, y + 0.9 * height, { steps: 4 });
      await page.mouse.up();
    };
    await page.getByLabel('Brush size').fill('160');
    await stroke(0.15);
    await stroke(0.9);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Use it' }).click();
    const url = await page.locator('[data-role=contentMask] .thumbs img').getAttribute('src');
    const found = await page.evaluate(async (address) => {
      const bitmap = await createImageBitmap(await (await fetch(address!)).blob());
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')!;
      context.drawImage(bitmap, 0, 0);
      const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
      const at = (column: number): number =>
        data[4 * (Math.floor(bitmap.height / 2) * bitmap.width + Math.floor(column * bitmap.width))]!;
      return { colors: [...new Set(data)].sort(), left: at(0.15), right: at(0.9) };
    }, url);
    expect(found).toEqual({ colors: [0, 255], left: 255, right: 0 });
    const words = page.locator('[data-role=styleMasks] .words button');
    await expect.poll(() => words.allInnerTexts()).toEqual(['black', 'white', 'all']);
    await words.nth(0).click();
    await words.nth(1).click();
    await press('Paint');
    await expect
      .poll(command, wait)
      .toMatch(/--content-mask content-mask\.png --style-mask black --style-mask white/);
    await status('Done');
    expect(await page.locator('.problem').count()).toBe(0);
  });
});
