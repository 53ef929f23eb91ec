// A Chromium that asks nobody but the server under test, and a page that reports every fault.

import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Packages are those of the page: `web/node_modules`. */
const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Software rendering of WebGL, and none of the browser's own conversations. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--use-angle=swiftshader',
  '--enable-unsafe-swiftshader',
  '--ignore-gpu-blocklist',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-first-run',
  '--no-pings',
];

/** Starts the browser, `CHROMIUM` or Debian's. */
export function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS,
  });
}

/**
 * Opens a page and notes what must not happen: `faults` grows by a line for each console error,
 * page error, failed or refused request, and request to another host. `before` may prepare the page
 * before it asks for anything; all other options are the browser's.
 */
export async function openPage(browser, url, { before, ...options } = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    reducedMotion: 'reduce',
    ...options,
  });
  const page = await context.newPage();
  const faults = [];
  const answers = new Map();
  const origin = new URL(url).origin;
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()) && !isDriverNoise(message.text())) {
      faults.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => faults.push(`page error: ${error.message}`));
  page.on('request', (request) => {
    const asked = new URL(request.url());
    if (asked.protocol !== 'data:' && asked.origin !== origin) faults.push(`another host: ${asked.href}`);
  });
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText;
    // MapLibre takes back requests for tiles that left the screen.
    if (reason !== 'net::ERR_ABORTED') faults.push(`failed: ${request.url()} ${reason}`);
  });
  page.on('response', (response) => {
    answers.set(decodeURIComponent(new URL(response.url()).pathname), response.status());
    if (response.status() >= 400) faults.push(`status ${response.status()}: ${response.url()}`);
  });
  await before?.(page);
  await page.goto(url);
  return { page, faults, answers, close: () => context.close() };
}

/** How long a map may take to come to rest; software rendering on a busy machine is slow. */
const IDLE_DEADLINE_MS = 60_000;

/** Waits until the map has drawn all that it wants to draw. */
export async function waitForIdle(page) {
  await page.waitForFunction(() => window.urbisMap !== undefined, undefined, { timeout: IDLE_DEADLINE_MS });
  await page.evaluate(
    (deadline) =>
      new Promise((resolve, reject) => {
        const map = window.urbisMap;
        const state = () => ({ loaded: map.loaded(), tiles: map.areTilesLoaded(), moving: map.isMoving() });
        setTimeout(() => reject(new Error(`the map is not at rest: ${JSON.stringify(state())}`)), deadline);
        // A map that rests already says so once more after one more frame; one whose tiles were asked
        // for again and had not changed says nothing until then.
        const prodding = setInterval(() => map.triggerRepaint(), 500);
        map.once('idle', () => {
          clearInterval(prodding);
          resolve();
        });
        map.triggerRepaint();
      }),
    IDLE_DEADLINE_MS,
  );
}

/** Software WebGL remarks on its own speed; that says nothing of the page. */
function isDriverNoise(text) {
  return text.includes('GL Driver Message') || text.includes('GPU stall due to ReadPixels');
}
