import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { methodCommand } from '../../src/cli/method-command.js';
import { methods } from '../../src/methods/index.js';
import { withoutChromium } from './chromium.js';
import { seriousFindings, studioPage } from './studio-page.js';

const root = join(import.meta.dirname, '../..');
const patience = 240_000;
const photograph = join(root, 'examples/two-dogs.jpg');

describe.skipIf(withoutChromium)('the studio', () => {
  const opened = studioPage(patience);
  const { status, press, command } = {
    status: (text: string | RegExp) => opened().status(text),
    press: (name: string) => opened().press(name),
    command: () => opened().command(),
  };

  it('paints a photograph after a painting of its gallery', { timeout: patience }, async () => {
    const { page } = opened();
    await page.setInputFiles('[data-role=content] input[type=file]', photograph);
    await page.locator('.gallery button').first().click();
    await page.fill('#knob-size', '64');
    await page.keyboard.press('Tab');
    await press('Paint');
    await status('Done');
    expect(
      await page.locator('.frame canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).height),
    ).toBe(64);
    expect(await command()).toBe(
      'pastiche stylize two-dogs.jpg great-wave.jpg -o out.png --fast on --size 64',
    );
  });

  it('refines it live, is paused, takes another weight and goes on', { timeout: patience }, async () => {
    const { page } = opened();
    await press('Refine');
    await status(/Step ([2-9]|1\d) of 60/);
    await press('Pause');
    await status(/Paused after step \d+ of 60/);
    await page.locator('#weight-contentWeight').fill('3');
    await press('Go on');
    await status(/Step (2\d|[345]\d) of 60|Done/);
    expect(await page.locator('.chart canvas').count()).toBe(1);
    expect(await command()).toMatch(/--content-weight 2\.92/);
  });

  it('names a command that the command line takes', () => {
    const lines = [
      'pastiche stylize two-dogs.jpg great-wave.jpg -o out.png --scales 64 --iterations 60 --init out-first.png --content-weight 2.92',
    ];
    for (const line of lines) {
      const parser = methodCommand(methods[0]!)
        .exitOverride()
        .action(() => undefined);
      expect(() => parser.parse(line.split(' ').slice(2), { from: 'user' })).not.toThrow();
      expect(parser.opts()['contentWeight']).toBe(2.92);
    }
  });

  it('writes its settings to a file, and reads them back', { timeout: patience }, async () => {
    const { page } = opened();
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save settings' }).click();
    const saved = await readFile(await (await downloading).path(), 'utf8');
    expect(JSON.parse(saved)).toMatchObject({
      method: 'stylize',
      options: { size: 64, contentWeight: 2.92 },
    });
    const read = async (text: string): Promise<void> =>
      page.getByLabel('Load settings').setInputFiles({
        name: 'settings.json',
        mimeType: 'application/json',
        buffer: Buffer.from(text),
      });
    await read(saved.replace('"size": 64', '"size": 96'));
    await expect.poll(() => page.inputValue('#knob-size')).toBe('96');
    await read('{}');
    await page.locator('.problem', { hasText: 'E_ARGUMENT' }).waitFor();
    await page.getByRole('button', { name: 'Dismiss' }).click();
  });

  it('has a form for every method, with each of its options', { timeout: patience }, async () => {
    const { page } = opened();
    for (const { name, options } of methods) {
      await page.selectOption('select[name=method]', name);
      const fields = await page
        .locator(`[data-form="${name}"] [data-option]`)
        .evaluateAll((found) => found.map((field) => (field as HTMLElement).dataset['option']));
      expect([...fields].sort()).toEqual(Object.keys(options.shape).sort());
    }
  });

  it('shows the words of the library for a broken file', { timeout: patience }, async () => {
    const { page } = opened();
    await page.selectOption('select[name=method]', 'match-colors');
    const broken = { name: 'broken.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('no picture') };
    await page.setInputFiles('[data-role=reference] input[type=file]', broken);
    await press('Paint');
    await page.locator('.problem', { hasText: 'E_IMAGE_DECODE "broken.jpg"' }).waitFor();
    // The picture from before is still there.
    expect(await page.locator('.frame canvas').count()).toBe(1);
    await page.getByRole('button', { name: 'Dismiss' }).click();
  });

  it.each(['light', 'dark'] as const)(
    'can be used by everybody, %s',
    { timeout: patience },
    async (colorScheme) => {
      const { page } = opened();
      await page.emulateMedia({ colorScheme });
      await page.selectOption('select[name=method]', 'stylize');
      expect(await seriousFindings(page)).toEqual([]);
    },
  );

  it('fits a telephone', async () => {
    const { page } = opened();
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  });

  it('asks nobody else for anything, and complains of nothing', () => {
    const { studio, requests, complaints } = opened();
    const elsewhere = requests.filter((url) => !url.startsWith(studio.address) && !url.startsWith('blob:'));
    expect(elsewhere).toEqual([]);
    expect(complaints).toEqual([]);
  });
});
