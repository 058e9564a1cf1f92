import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { startStudio, type StudioServer } from '../../src/service/studio-server.node.js';
import { launchChromium } from './chromium.js';

/** The studio in a page, with what it complained of and asked for. */
export interface StudioPage {
  readonly page: Page;
  readonly studio: StudioServer;
  readonly complaints: readonly string[];
  readonly requests: readonly string[];
  /** Waits until the line under the picture says something. */
  status(text: string | RegExp): Promise<void>;
  /** Presses one of the buttons under the picture. */
  press(name: string): Promise<void>;
  command(): Promise<string>;
}

/** Opens the studio for the tests of a block, and closes it after them. @param patience in milliseconds */
export function openStudio(patience: number, options: BrowserContextOptions = {}): () => StudioPage {
  let [studio, browser]: [StudioServer | undefined, Browser | undefined] = [undefined, undefined];
  let opened: StudioPage | undefined;
  beforeAll(async () => {
    studio = await startStudio(0);
    browser = await launchChromium();
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
    const [complaints, requests]: [string[], string[]] = [[], []];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(studio.address);
    opened = {
      ...{ page, studio, complaints, requests },
      status: (text) =>
        page.locator('.standing [role=status]').filter({ hasText: text }).waitFor({ timeout: patience }),
      press: (name) => page.locator('.actions button', { hasText: name }).click(),
      command: () => page.locator('.command').innerText(),
    };
  }, patience);
  afterAll(async () => {
    await browser?.close();
    await studio?.close();
  });
  return () => opened!;
}
