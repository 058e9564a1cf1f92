import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { launchChromium, openPage } from './chromium.js';
import { serveSite, type Site } from './site.js';

/** A page that has the package and may use threads, with what it is in. */
export interface IsolatedPage {
  readonly site: Site;
  readonly browser: Browser;
  readonly page: Page;
}

/**
 * Opens such a page for all tests of a block, and closes it after them.
 * @param patience milliseconds that may take
 * @param files gives files of the site by their paths, in place of those that are there
 * @returns gives it, from within a test
 */
export function isolatedPage(
  patience: number,
  files?: () => Promise<ReadonlyMap<string, string>>,
): () => IsolatedPage {
  let site: Site | undefined;
  let browser: Browser | undefined;
  let page: Page | undefined;
  beforeAll(async () => {
    site = await serveSite(await files?.());
    browser = await launchChromium();
    page = await openPage(browser, `${site.origin}/isolated`);
  }, patience);
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });
  return () => ({ site: site!, browser: browser!, page: page! });
}
