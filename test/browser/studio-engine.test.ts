import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { withoutChromium } from './chromium.js';
import { computingWorkers } from './observed-worker.js';
import { drawnPng, pngFile, studioPage } from './studio-page.js';

const examples = join(import.meta.dirname, '../../examples');
const patience = 240_000;
const wait = { timeout: patience };

describe.skipIf(withoutChromium)('the engine of the studio', () => {
  const opened = studioPage(patience, { permissions: ['clipboard-read', 'clipboard-write'] });
  const give = (role: string, name: string, buffer: Buffer): Promise<void> =>
    opened().page.setInputFiles(`[data-role=${role}] input[type=file]`, pngFile(name, buffer));
  const choose = async (method: string): Promise<void> => {
    await opened().page.selectOption('select[name=method]', method);
  };
  const openSettings = (): Promise<void> =>
    opened()
      .page.locator('details.more')
      .evaluate((details) => void ((details as HTMLDetailsElement).open = true));
  const thumbs = (role: string): Promise<string[]> =>
    opened()
      .page.locator(`[data-role=${role}] .thumbs img`)
      .evaluateAll((images) => images.map((image) => (image as HTMLImageElement).alt));

  it('takes a photograph with the camera', wait, async () => {
    const { page } = opened();
    await page.getByRole('button', { name: 'Take a photograph' }).click();
    await page.waitForFunction(() => (document.querySelector('video')?.videoWidth ?? 0) > 0, null, wait);
    const size = await page.evaluate(() => {
      const video = document.querySelector('video')!;
      Object.assign(window, { track: (video.srcObject as MediaStream).getTracks()[0] });
      return [video.videoWidth, video.videoHeight];
    });
    await page.getByRole('button', { name: 'Take it' }).click();
    const photograph = page.locator('[data-role=content] .thumbs img[alt="photograph.jpg"]');
    await photograph.waitFor(wait);
    await expect
      .poll(() => photograph.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]))
      .toEqual(size);
    // The camera is let go.
    const ended = await page.evaluate(
      () => (window as unknown as { track: MediaStreamTrack }).track.readyState,
    );
    expect(ended).toBe('ended');
  });

  it('takes a picture from the clipboard, for what is still needed', wait, async () => {
    const { page } = opened();
    await page.evaluate(
      async (bytes) => {
        const blob = new Blob([Uint8Array.from(bytes)], { type: 'image/png' });
        await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
      },
      [...(await drawnPng(31, 17, 3))],
    );
    await page.keyboard.press('ControlOrMeta+v');
    const pasted = page.locator('[data-role=styles] .thumbs > li > img');
    await expect
      .poll(() =>
        pasted.evaluateAll((images) => images.map((image) => (image as HTMLImageElement).naturalWidth)),
      )
      .toEqual([31]);
    expect(await thumbs('content')).toEqual(['photograph.jpg']);
  });

  it('marks the match of the place that is pointed at', wait, async () => {
    const { page, press, status } = opened();
    // What is looked for is a part of where it is looked for, 16 pixels from its left and 32 from its top.
    const whole = await sharp(join(examples, 'harvesters.jpg'))
      .resize(144, 144, { fit: 'cover' })
      .png()
      .toBuffer();
    const part = await sharp(whole).extract({ left: 16, top: 32, width: 112, height: 96 }).png().toBuffer();
    await choose('match');
    await give('picture', 'part.png', part);
    await give('reference', 'whole.png', whole);
    await openSettings();
    await page.fill('#more-layer', 'relu3_1');
    await page.keyboard.press('Tab');
    await press('Run');
    await status('Done');
    const map = page.locator('.correspondence .marked').first();
    const { x, y, width, height } = (await map.boundingBox())!;
    // A position of relu3_1 is 4 pixels wide: 28 x 24 of them, among 36 x 36.
    for (const [row, column] of [
      [12, 14],
      [10, 17],
    ] as const) {
      await map.scrollIntoViewIfNeeded();
      await map.hover({ position: { x: ((column + 0.5) / 28) * width, y: ((row + 0.5) / 24) * height } });
      const match = page.locator('.correspondence [data-match]');
      await expect.poll(() => match.getAttribute('data-match')).toBe(`${row + 8},${column + 4}`);
      expect(await match.innerText()).toBe('likeness 1.00');
      const mark = await page
        .locator('.correspondence .marked')
        .nth(1)
        .locator('.mark')
        .evaluate((span) =>
          [(span as HTMLElement).style.left, (span as HTMLElement).style.top].map(parseFloat),
        );
      expect(mark[0]).toBeCloseTo((100 * (column + 4.5)) / 36, 3);
      expect(mark[1]).toBeCloseTo((100 * (row + 8.5)) / 36, 3);
    }
    expect([x, y].every(Number.isFinite)).toBe(true);
    const files = await page.locator('.files button').allInnerTexts();
    expect(files).toEqual(expect.arrayContaining(['correspondence.npy', 'rebuilt.png']));
    const downloading = page.waitForEvent('download');
    await page.getByRole('button', { name: 'rebuilt.png' }).click();
    expect(await sharp(await (await downloading).path()).metadata()).toMatchObject({
      width: 112,
      height: 96,
    });
  });

  it('keeps the page answering while colours of many pixels are matched', wait, async () => {
    const { page, press, status } = opened();
    const large = (name: string): Promise<Buffer> =>
      sharp(join(examples, name)).resize(2800, 2100, { fit: 'fill' }).jpeg().toBuffer();
    await choose('match-colors');
    await give('picture', 'photograph.jpg', await large('sunset.jpg'));
    await give('reference', 'painting.jpg', await large('poppies.jpg'));
    await page.selectOption('#knob-mode', 'histogram');
    await page.evaluate(() => {
      const frames: number[] = [];
      const note = (): void => {
        frames.push(performance.now());
        requestAnimationFrame(note);
      };
      requestAnimationFrame(note);
      Object.assign(window, { frames });
    });
    await press('Paint');
    await status('Done');
    const { longest, seconds, count } = await page.evaluate(() => {
      const { frames } = window as unknown as { frames: number[] };
      const gaps = frames.slice(1).map((time, i) => time - frames[i]!);
      return {
        longest: Math.max(...gaps) / 1000,
        seconds: (frames.at(-1)! - frames[0]!) / 1000,
        count: gaps.length,
      };
    });
    expect(
      await page.locator('.compared canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).width),
    ).toBe(2800);
    // Five frames a second, and no time without one that is as long as what was computed; where other work takes the processors all
    // of this takes longer.
    expect(count).toBeGreaterThan(5 * seconds);
    expect(longest).toBeLessThan(Math.max(0.2, seconds / 4));
  });

  it(
    'ends by Stop what hears nothing, with the last picture, and goes on with another worker',
    wait,
    async () => {
      const { page, press, status } = opened();
      const [worker] = computingWorkers(page);
      await give('picture', 'small.png', await drawnPng(40, 30, 1));
      await give('reference', 'other.png', await drawnPng(30, 40, 2));
      await worker!.evaluate(
        () =>
          void setTimeout(() => {
            const end = performance.now() + 600_000;
            while (performance.now() < end);
          }),
      );
      await press('Paint');
      await press('Stop');
      await status('Done');
      const width = (): Promise<number> =>
        page.locator('.compared canvas').evaluate((canvas) => (canvas as HTMLCanvasElement).width);
      expect(await width()).toBe(2800);
      expect(await page.locator('.problem').count()).toBe(0);
      await press('Paint');
      await expect.poll(width, wait).toBe(40);
      // The browser gives it a moment.
      await expect.poll(() => computingWorkers(page).includes(worker!), wait).toBe(false);
    },
  );
});
