import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
];
const executablePath = process.env['PASTICHE_TEST_CHROMIUM'] ?? places.find((place) => existsSync(place));

/** No Chromium on this system: what needs it is left out there, but never where tests are run for everybody. */
export const withoutChromium = executablePath === undefined && !process.env['CI'];

if (withoutChromium) process.stderr.write('No Chromium was found: the tests in a browser are left out.\n');

/** SwiftShader computes WebGPU on the processor, where there is no graphics card. */
const flags = [
  '--no-sandbox',
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--ignore-gpu-blocklist',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
  '--no-first-run',
  // A camera that shows a pattern, and may be used.
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  // Memory is measured when it is asked for, not within half a minute.
  '--enable-blink-features=ForceEagerMeasureMemory',
];

/** Starts Chromium. @throws Error where there is none */
export function launchChromium(): Promise<Browser> {
  if (executablePath === undefined) throw new Error('These tests need Chromium, and none was found.');
  return chromium.launch({ executablePath, args: flags });
}

/** Opens a page, and waits until it has the package. */
export async function openPage(browser: Browser, address: string): Promise<Page> {
  const page = await browser.newPage();
  await page.goto(address);
  await page.waitForFunction(() => 'engine' in globalThis);
  return page;
}
