import { describe, expect, it } from 'vitest';
import { withoutChromium } from './chromium.js';
import { drawnPng, pngFile, standing, studioPage } from './studio-page.js';

const patience = 240_000;

describe.skipIf(withoutChromium)('the studio without a mouse', () => {
  const opened = studioPage(patience, { locale: 'en-US' });

  /** What has the focus: whether it is the wanted one, and whether it, or the button that it is in, is drawn otherwise than without. */
  const lookAtFocus = (wanted: string): Promise<{ html: string; isWanted: boolean; isSeen: boolean }> =>
    opened().page.evaluate((selector) => {
      const focused = document.activeElement!;
      const isSeen = [focused, focused.closest('.button')].some((element) => {
        if (element === null) return false;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 1;
      });
      const isOutside = focused === document.body;
      return {
        html: focused.outerHTML.slice(0, 200),
        isWanted: focused.matches(selector),
        isSeen: isSeen || isOutside,
      };
    }, wanted);

  /** Goes on by the tabulator until what has the focus is the wanted one, and looks at each stop whether it is seen. */
  const tabTo = async (selector: string): Promise<void> => {
    for (let stop = 0; stop < 200; stop += 1) {
      await opened().page.keyboard.press('Tab');
      const { html, isWanted, isSeen } = await lookAtFocus(selector);
      expect(isSeen, html).toBe(true);
      if (isWanted) return;
    }
    throw new Error(`The tabulator doesn't lead to ${selector}.`);
  };
  const press = (key: string): Promise<void> => opened().page.keyboard.press(key);

  it('goes from the first picture to the copied command', { timeout: patience }, async () => {
    const { page } = opened();
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    // Asked for well before, so that Chromium opens no window of its own.
    const choosing = page.waitForEvent('filechooser', { timeout: patience });
    await tabTo('[data-role=content] input[type=file]');
    await press('Enter');
    await (await choosing).setFiles(pngFile('photograph.png', await drawnPng(40, 32, 1)));
    await tabTo('.gallery button');
    await press('Enter');
    await page.locator('[data-role=styles] img[alt="great-wave.jpg"]').waitFor();
    await tabTo('#knob-size');
    await page.keyboard.type('32');
    await tabTo('.more > summary');
    await press('Enter');
    await tabTo('#more-iterations');
    await press('ControlOrMeta+a');
    await page.keyboard.type('3');
    await tabTo('.actions button');
    await press('Enter');
    await standing(page, 'Done', patience);
    await tabTo('.actions button.primary');
    expect(await page.evaluate(() => document.activeElement!.textContent)).toBe('Refine');
    await press('Space');
    await standing(page, 'Done', patience);
    await page.locator('.chart canvas').waitFor({ timeout: patience });
    await tabTo('.copy');
    await press('Enter');
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toContain('--iterations 3');
    await tabTo('.skip');
    await press('Enter');
    expect(await page.evaluate(() => document.activeElement!.id)).toBe('stage');
  });
});
