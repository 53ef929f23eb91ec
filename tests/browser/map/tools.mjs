// The tools beside the map: what is nearest, the print, the shortcuts.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitForIdle } from '../browser.mjs';
import { base, expectSheet, key, readCatalog, STREETS, target } from './looks.mjs';

/** Checks by what they prove. */
export const tools = {
  'the nearest tool answers a click with numbered places, as far as the server says': {
    hash: '#map=14/16.0605/108.2190',
    async run({ page }) {
      await page.click('#tool-nearest');
      await page.selectOption('#nearest-layer', 'emergency_place');
      assert.equal(await page.inputValue('#nearest-kind'), 'hospital');
      await page.selectOption('#nearest-kind', '');
      const at = await page.evaluate(() => window.urbisMap.unproject([760, 420]).toArray());
      await page.mouse.click(760, 420);
      await page.waitForSelector('#nearest-5');
      const query = new URLSearchParams({ lon: at[0].toFixed(7), lat: at[1].toFixed(7), limit: '5' });
      const told = await (await fetch(new URL(`/nearest/emergency_place?${query}`, base))).json();
      const rows = await page.locator('#nearest .near-list button').allInnerTexts();
      assert.equal(rows.length, 5);
      told.features.forEach(({ properties }, place) => {
        const { distance_m: metres } = properties;
        const shown = metres < 1000 ? `${Math.round(metres)}` : `${(metres / 1000).toFixed(metres < 10_000 ? 2 : 1).replace(/\.?0+$/, '').replace('.', ',')}`;
        assert.ok(rows[place].includes(shown), `row ${place + 1} '${rows[place]}' says ${shown}`);
      });
      await waitForIdle(page);
      const numbers = await page.evaluate(() =>
        window.urbisMap.querySourceFeatures('marks').map(({ properties }) => properties.number).filter(Boolean),
      );
      assert.deepEqual([...new Set(numbers)].sort(), [1, 2, 3, 4, 5]);
      await page.click('#nearest-1');
      await expectSheet(page, ['Cơ sở ứng cứu', 'Tọa độ']);
    },
  },

  'the nearest tool works by the keyboard, keeps to one kind, and Escape leaves it': {
    async run({ page }) {
      await page.focus('.maplibregl-canvas');
      await page.keyboard.press('n');
      await page.waitForFunction(() => document.activeElement.id === 'nearest-layer');
      await page.selectOption('#nearest-layer', 'emergency_place');
      assert.equal(await page.inputValue('#nearest-kind'), 'hospital', 'what most ask for comes first');
      await page.focus('.maplibregl-canvas');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#nearest-1');
      const layer = (await readCatalog()).layers.find(({ id }) => id === 'emergency_place');
      await page.focus('#nearest-1');
      await page.keyboard.press('Enter');
      await expectSheet(page, [layer.attributes.find(({ name }) => name === 'kind').values.hospital.vi]);
      await page.keyboard.press('Escape');
      await page.waitForSelector('#sheet', { state: 'hidden' });
      await page.keyboard.press('Escape');
      await page.waitForSelector('#nearest', { state: 'hidden' });
      assert.equal(await page.evaluate(() => window.urbisMap.getSource('marks')), undefined);
    },
  },

  'the print is a PNG of the paper\'s size at twice the pixels, with map, title and sources on it': {
    hash: STREETS,
    async run({ page }) {
      await page.click('#tool-print');
      await page.fill('#print-title', 'Trung tâm Hải Châu');
      const [download] = await Promise.all([page.waitForEvent('download', { timeout: 90_000 }), page.click('#print .main-button')]);
      const path = join(target, 'map-print.png');
      await download.saveAs(path);
      assert.match(download.suggestedFilename(), /^urbis-\d{4}-\d\d-\d\d\.png$/);
      const bytes = await readFile(path);
      assert.equal(bytes.subarray(1, 4).toString(), 'PNG');
      assert.deepEqual([bytes.readUInt32BE(16), bytes.readUInt32BE(20)], [2 * 1123, 2 * 794]);
      const colors = await countColors(page, bytes);
      assert.ok(colors.map > 200, `the map has ${colors.map} colours`);
      assert.ok(colors.head > 10, `the head has ${colors.head} shades`);
      assert.ok(colors.foot > 10, `the foot has ${colors.foot} shades`);
      await page.waitForSelector('#print', { state: 'detached' });
    },
  },

  'a print is light whatever the screen, and nothing runs out of its frame, with every layer on': {
    options: { colorScheme: 'dark' },
    hash: `${STREETS}&key=${key}`,
    async run({ page }) {
      const { layers } = await readCatalog({ authorization: `Bearer ${key}` });
      await page.evaluate((ids) => (location.hash += `&on=${ids}`), layers.map(({ id }) => id).join());
      await page.waitForFunction(() => !document.querySelector('#banner').hidden);
      await waitForIdle(page);
      for (const format of ['a4-landscape', 'a4-portrait']) {
        await page.click('#tool-print');
        await page.fill('#print-title', `\u202EMọi lớp`);
        await page.selectOption('#print-format', format);
        const [download] = await Promise.all([page.waitForEvent('download', { timeout: 90_000 }), page.click('#print .main-button')]);
        const path = join(target, `map-print-all-${format}.png`);
        await download.saveAs(path);
        const { margins, warning, light } = await readPrint(page, await readFile(path));
        assert.equal(margins, 0, 'the margins are white');
        assert.ok(warning > 0.6, `the warning has its strip over the frame: ${warning}`);
        assert.ok(light > 160, `the map is light: ${light}`);
        await page.waitForSelector('#print', { state: 'detached' });
      }
    },
  },

  'a question mark lists the shortcuts, which can be switched off': {
    async run({ page }) {
      await page.focus('.maplibregl-canvas');
      await page.keyboard.press('?');
      await page.waitForSelector('#help[open]');
      await page.uncheck('#use-shortcuts');
      await page.keyboard.press('Escape');
      await page.waitForSelector('#help', { state: 'detached' });
      await page.keyboard.press('n');
      assert.equal(await page.isVisible('#nearest'), false);
      await page.click('#tool-help');
      await page.check('#use-shortcuts');
      await page.keyboard.press('Escape');
      await page.keyboard.press('n');
      assert.equal(await page.isVisible('#nearest'), true);
    },
  },
};

/** How many colours the head, the map and the foot of a print have. */
function countColors(page, png) {
  return page.evaluate(async (base64) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    const count = (y, height) => {
      const words = new Uint32Array(context.getImageData(0, y, picture.width, height).data.buffer);
      return new Set(words).size;
    };
    return { head: count(0, 130), map: count(200, picture.height - 400), foot: count(picture.height - 80, 80) };
  }, png.toString('base64'));
}

/**
 * Of a print: pixels in its side margins that are not white, the part of the first line of the frame that has
 * the colour of the warning, and how light its middle is, 0 to 255.
 */
function readPrint(page, png) {
  return page.evaluate(async (base64) => {
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))]));
    const canvas = new OffscreenCanvas(picture.width, picture.height);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    const { width, height } = picture;
    const bytes = (x, y, w, h) => context.getImageData(x, y, w, h).data;
    const dark = (data) => data.filter((byte) => byte !== 255).length;
    const strip = bytes(66, 70 * 2 + 4, width - 132, 1);
    let warm = 0;
    for (let at = 0; at < strip.length; at += 4) warm += Number(strip[at] === 255 && strip[at + 1] === 242 && strip[at + 2] === 204);
    const middle = bytes(width * 0.1, height * 0.3, width * 0.4, height * 0.3);
    return {
      margins: dark(bytes(0, 0, 60, height)) + dark(bytes(width - 60, 0, 60, height)),
      warning: warm / (strip.length / 4),
      light: middle.reduce((sum, byte) => sum + byte, 0) / middle.length,
    };
  }, png.toString('base64'));
}
