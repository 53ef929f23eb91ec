// The pictures of the README, from the real page of a running server.
//
//   node scripts/screenshots.mjs BASE_URL
//
// Writes docs/images/{city,haichau}-{light,dark}.png and haichau-phone.png.

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, openPage, ROOT, waitForIdle } from '../tests/browser/browser.mjs';

const DESKTOP = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Where the map stands: zoom/latitude/longitude. */
const CITY = 'map=11.6/16.075/108.165';
const HAI_CHAU = 'map=15.3/16.0650/108.2178';

const PICTURES = [
  { name: 'city-light', hash: CITY, ...DESKTOP, colorScheme: 'light' },
  { name: 'city-dark', hash: CITY, ...DESKTOP, colorScheme: 'dark' },
  { name: 'haichau-light', hash: HAI_CHAU, ...DESKTOP, colorScheme: 'light' },
  { name: 'haichau-dark', hash: HAI_CHAU, ...DESKTOP, colorScheme: 'dark' },
  { name: 'haichau-phone', hash: HAI_CHAU, ...PHONE, colorScheme: 'light' },
];

const base = process.argv[2];
if (!base) {
  console.error('usage: node scripts/screenshots.mjs BASE_URL');
  process.exit(2);
}
const folder = join(ROOT, 'docs/images');
await mkdir(folder, { recursive: true });
const browser = await launch();
try {
  for (const { name, hash, ...options } of PICTURES) {
    const { page, faults, close } = await openPage(browser, `${base.replace(/\/$/, '')}/#${hash}`, options);
    await waitForIdle(page);
    await page.screenshot({ path: join(folder, `${name}.png`) });
    await close();
    if (faults.length > 0) throw new Error(`${name}: ${faults.join('; ')}`);
    console.log(`docs/images/${name}.png`);
  }
} finally {
  await browser.close();
}
