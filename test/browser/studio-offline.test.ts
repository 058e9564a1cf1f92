import { describe, expect, it } from 'vitest';
import { startStudio, type StudioServer } from '../../src/service/studio-server.node.js';
import { withoutChromium } from './chromium.js';
import { drawnPng, pngFile, standing, studioPage } from './studio-page.js';

const patience = 240_000;

describe.skipIf(withoutChromium)('the studio without a network', () => {
  const opened = studioPage(patience, { locale: 'en-US' });
  let server: StudioServer | undefined;

  const give = async (): Promise<void> => {
    const { page } = opened();
    await page.setInputFiles(
      '[data-role=content] input[type=file]',
      pngFile('a.png', await drawnPng(40, 32, 1)),
    );
    await page.setInputFiles(
      '[data-role=styles] input[type=file]',
      pngFile('b.png', await drawnPng(32, 48, 2)),
    );
    await page.fill('#knob-size', '32');
    await page.keyboard.press('Tab');
    await page.locator('.actions button', { hasText: 'Paint' }).click();
  };
  const keeps = (what: string): Promise<void> =>
    opened().page.locator(`.offline[data-kept=${what}]`).waitFor({ timeout: patience });
  const restart = async (): Promise<void> => {
    server = await startStudio(Number(new URL(opened().studio.address).port));
  };

  it('can be installed', async () => {
    const { page, studio } = opened();
    const link = await page
      .locator('link[rel=manifest]')
      .evaluate((element) => (element as HTMLLinkElement).href);
    const response = await page.request.get(link);
    expect(response.headers()['content-type']).toMatch(/^application\/manifest\+json/);
    const manifest = (await response.json()) as {
      start_url: string;
      icons: { src: string; sizes: string }[];
    };
    expect(new URL(manifest.start_url, link).href).toBe(studio.address);
    for (const { src, sizes } of manifest.icons) {
      const size = await page.evaluate(async (address) => {
        const { width, height } = await createImageBitmap(await (await fetch(address)).blob());
        return `${width}x${height}`;
      }, new URL(src, link).href);
      expect(size).toBe(sizes);
    }
  });

  it('shows itself when nothing answers, and says what is not there', { timeout: patience }, async () => {
    const { page, studio } = opened();
    await keeps('page');
    await studio.close();
    await page.reload();
    await page.locator('.offline', { hasText: 'No network.' }).waitFor({ timeout: patience });
    await give();
    await page.locator('.problem', { hasText: 'what this needs is not kept' }).waitFor({ timeout: patience });
  });

  it('paints when nothing answers, once it has painted before', { timeout: patience }, async () => {
    const { page } = opened();
    await restart();
    await page.reload();
    await give();
    await standing(page, 'Done', patience);
    await keeps('everything');
    await server!.close();
    await page.reload();
    await page.locator('.offline', { hasText: 'No network.' }).waitFor({ timeout: patience });
    await give();
    await standing(page, 'Done', patience);
    expect(
      await page.locator('.frame canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).width),
    ).toBe(32);
    // Threads need the headers, which are kept with the page.
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
  });

  it('leaves all other addresses of its origin alone', { timeout: patience }, async () => {
    const { page, studio } = opened();
    await restart();
    await page.reload();
    const asked = ['jobs', 'fast', 'metrics', 'openapi.json', 'models/styles.onnx'];
    const cached = await page.evaluate(async (paths) => {
      for (const path of paths) await fetch(path, { cache: 'no-store' });
      const names = (await caches.keys()).filter((name) => name.startsWith('pastiche-studio-'));
      const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
      return requests.flat().map(({ url }) => url);
    }, asked);
    expect(cached.length).toBeGreaterThan(10);
    expect(cached.filter((url) => asked.includes(url.slice(studio.address.length)))).toEqual([]);
    await server!.close();
    const reached = await page.evaluate(
      (paths) =>
        Promise.all(
          paths.map((path) =>
            fetch(path)
              .then(() => path)
              .catch(() => undefined),
          ),
        ),
      asked,
    );
    expect(reached).toEqual(asked.map(() => undefined));
    expect(opened().foreignRequests).toEqual([]);
  });
});
