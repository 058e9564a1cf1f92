import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';
import { afterAll, beforeAll } from 'vitest';
import { startStudio, type StudioServer } from '../../src/service/studio-server.node.js';
import { launchChromium } from './chromium.js';

/** The studio in a page, with what is said and asked for in it. */
export interface StudioPage {
  readonly studio: StudioServer;
  readonly browser: Browser;
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Addresses that were asked for something, and those of other places among them. */
  readonly requests: readonly string[];
  readonly foreignRequests: readonly string[];
  /** Waits until the line under the picture says something. */
  status(text: string | RegExp): Promise<void>;
  /** Presses one of the buttons under the picture. */
  press(name: string): Promise<void>;
  command(): Promise<string>;
}

/**
 * Opens the studio for all tests of a block, and closes it after them.
 * @param patience milliseconds that may take
 * @param prepare sees to the context before there is a page in it
 * @returns gives it, from within a test
 */
export function studioPage(
  patience: number,
  options: BrowserContextOptions = {},
  prepare?: (context: BrowserContext) => Promise<void>,
): () => StudioPage {
  let opened: StudioPage | undefined;
  beforeAll(async () => {
    const studio = await startStudio(0);
    const browser = await launchChromium();
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
    await prepare?.(context);
    const page = await context.newPage();
    const complaints: string[] = [];
    const requests: string[] = [];
    const foreignRequests: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    context.on('request', (request) => {
      const url = request.url();
      requests.push(url);
      if (!url.startsWith(studio.address) && !/^(blob|data):/.test(url)) foreignRequests.push(url);
    });
    await page.goto(studio.address);
    opened = {
      ...{ studio, browser, page, complaints, requests, foreignRequests },
      status: (text) => standing(page, text, patience),
      press: (name) => page.locator('.actions button', { hasText: name }).click(),
      command: () => page.locator('.command').innerText(),
    };
  }, patience);
  afterAll(async () => {
    await opened?.browser.close();
    await opened?.studio.close();
  });
  return () => opened!;
}

/** A picture file without loss: a pattern of its own for each seed. */
export async function drawnPng(width: number, height: number, seed: number): Promise<Buffer> {
  const data = Buffer.alloc(3 * width * height);
  for (let i = 0; i < data.length; i += 1) {
    const [place, channel] = [Math.floor(i / 3), i % 3];
    const [row, column] = [Math.floor(place / width), place % width];
    const wave = Math.sin((row * (seed + 1)) / 5 + channel) + Math.cos((column * (seed + 2)) / 7 - channel);
    data[i] = Math.round(127.5 + 63 * wave);
  }
  return sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer();
}

/** A file as a page's field takes it. */
export const pngFile = (
  name: string,
  buffer: Buffer,
): { name: string; mimeType: string; buffer: Buffer } => ({
  name,
  mimeType: 'image/png',
  buffer,
});

/** Waits until the page says how far it is. */
export const standing = (page: Page, text: string | RegExp, timeout: number): Promise<void> =>
  page.locator('.standing [role=status]').filter({ hasText: text }).waitFor({ timeout });

/** What axe-core finds in a page that keeps people out. */
export async function seriousFindings(page: Page): Promise<readonly object[]> {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  const violations = await page.evaluate(async () => {
    const { run } = (
      globalThis as unknown as {
        axe: {
          run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
        };
      }
    ).axe;
    return (await run()).violations.map(({ id, impact, nodes }) => ({ id, impact, html: nodes[0]!.html }));
  });
  return violations.filter(({ impact }) => ['serious', 'critical'].includes(impact));
}
