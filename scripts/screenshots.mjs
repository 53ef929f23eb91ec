// The pictures of the README, from the real page of a running server.
//
//   node scripts/screenshots.mjs BASE_URL
//
// Writes docs/images/{city,haichau}-{light,dark}.png and haichau-phone.png.

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, openPage, ROOT, waitForIdle } from '../tests/browser/browser.mjs';
import { palettePng } from './palette_png.mjs';

const DESKTOP = { viewport: { width: 1440, height: 900 } };
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true };

/** Where the map stands: zoom/latitude/longitude. */
const CITY = 'map=11.6/16.075/108.15';
const HAI_CHAU = 'map=15.4/16.0572/108.2158';
const DRAGON_BRIDGE = 'map=15.2/16.0595/108.2195';

const PICTURES = [
  { name: 'city-light', hash: CITY, ...DESKTOP, colorScheme: 'light' },
  { name: 'city-dark', hash: CITY, ...DESKTOP, colorScheme: 'dark' },
  { name: 'haichau-light', hash: HAI_CHAU, ...DESKTOP, colorScheme: 'light' },
  { name: 'haichau-dark', hash: HAI_CHAU, ...DESKTOP, colorScheme: 'dark' },
  { name: 'haichau-phone', hash: DRAGON_BRIDGE, ...PHONE, colorScheme: 'light' },
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
    await writeFile(join(folder, `${name}.png`), await smaller(await page.screenshot()));
    await close();
    if (faults.length > 0) throw new Error(`${name}: ${faults.join('; ')}`);
    console.log(`docs/images/${name}.png`);
  }
} finally {
  await browser.close();
}

/** The same picture in few colours; the browser reads what it wrote. */
async function smaller(png) {
  const page = await browser.newPage();
  const [width, height, base64] = await page.evaluate(async (source) => {
    const image = new Image();
    image.src = source;
    await image.decode();
    const context = new OffscreenCanvas(image.width, image.height).getContext('2d');
    context.drawImage(image, 0, 0);
    const { data } = context.getImageData(0, 0, image.width, image.height);
    const text = Array.from(data, (byte) => String.fromCharCode(byte)).join('');
    return [image.width, image.height, btoa(text)];
  }, `data:image/png;base64,${png.toString('base64')}`);
  await page.close();
  return palettePng(Buffer.from(base64, 'base64'), width, height);
}
