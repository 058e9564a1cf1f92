import { describe, expect, it } from 'vitest';
import { withoutChromium } from './chromium.js';
import {
  computingWorkers,
  holdings,
  loseDevice,
  observedEngine,
  pageMemory,
  type Observed,
} from './observed-worker.js';
import { drawnPng, pngFile, studioPage, type StudioPage } from './studio-page.js';

declare const observed: Observed;

const patience = 240_000;
const wait = { timeout: patience };

/** What computes on the processor is passed by otherwise: here it stands for a graphics card. */
const asCard = `
Object.defineProperty(GPUAdapter.prototype, 'info', {
  get: () => ({ vendor: 'test', architecture: '', device: '', description: '', isFallbackAdapter: false }),
});
`;

const oneThread = `Object.defineProperty(navigator, 'hardwareConcurrency', { get: () => 1 });\n`;

/** Chooses what is quickly computed: a picture from the first layer's features. */
async function chooseReconstruction({ page }: StudioPage, iterations: number): Promise<void> {
  await page.selectOption('select[name=method]', 'reconstruct');
  const picture = pngFile('a.png', await drawnPng(28, 24, 1));
  await page.setInputFiles('[data-role=picture] input[type=file]', picture);
  await page.locator('.more > summary').click();
  await page.fill('#knob-size', '28');
  await page.fill('#more-layer', 'relu1_1');
  await page.fill('#more-iterations', String(iterations));
  await page.keyboard.press('Tab');
}

describe.skipIf(withoutChromium)('the studio on a graphics card', () => {
  const opened = studioPage(patience, { serviceWorkers: 'block' }, observedEngine(asCard));

  it('goes on, with the last picture, when that is lost', wait, async () => {
    const { page, press, status } = opened();
    const pixels = (): Promise<string> =>
      page.locator('.compared canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
    const steps = 12;
    await chooseReconstruction(opened(), steps);
    await press('Paint');
    await status(/Step \d+ of 12/);
    const worker = computingWorkers(page).at(-1)!;
    const devices = (): Promise<number> => worker.evaluate(() => observed.devices.length);
    const before = await devices();
    await loseDevice(worker);
    const shown = await pixels();
    await status('Done');
    expect(await devices()).toBe(before + 1);
    expect(await pixels()).not.toBe(shown);
    expect(await page.locator('.problem').count()).toBe(0);
    expect(await page.locator('.standing .hint').last().innerText()).toContain('Graphics card');
    // No step was lost, and none made twice.
    const numbers = await page.locator('.curves-table tbody th').allTextContents();
    expect(numbers).toEqual(Array.from({ length: steps }, (_, i) => String(i + 1)));
  });
});

describe.skipIf(withoutChromium)('the memory of the studio', () => {
  const opened = studioPage(patience, { serviceWorkers: 'block' }, observedEngine(oneThread));

  it('is the same after twenty runs', wait, async () => {
    const { page, press, status } = opened();
    await chooseReconstruction(opened(), 2);
    const run = async (): Promise<void> => {
      await press('Paint');
      await status('Done');
    };
    const held = async (): Promise<{ memory: number; page: number }> => {
      const { memory } = await holdings(computingWorkers(page).at(-1)!);
      return { memory, page: await pageMemory(page) };
    };
    for (let i = 0; i < 4; i += 1) await run();
    const before = await held();
    for (let i = 4; i < 20; i += 1) await run();
    const after = await held();
    expect(after.memory).toBe(before.memory);
    // A history of small pictures, which has its end, is what is more.
    expect(after.page).toBeLessThan(1.05 * before.page);
    expect(await page.locator('.strip li').count()).toBeGreaterThan(10);
  });
});
