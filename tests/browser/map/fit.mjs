// Whether the page fits its reader: every width, the keyboard, WCAG.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { waitForIdle } from '../browser.mjs';
import { changeCatalog, clickAt, expectAccessible, expectSheet, findDrawn, key, PHONE, STREETS, target, WARDS } from './looks.mjs';

/** Small enough that the phones of yesterday have it. */
const NARROW = { ...PHONE, viewport: { width: 360, height: 640 } };

/** Checks by what they prove. */
export const fit = {
  'the keyboard reaches the list and the map without crossing the page': async ({ page }) => {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'panel');
    await page.focus('[data-skip=map-canvas]');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'map-canvas');
    assert.ok(!page.url().includes('#panel'), 'the link of the map stays');
  },

  'at every width no card covers a button or the sources, whatever is open': {
    hash: `${STREETS}&key=${key}`,
    async run({ page }) {
      for (const [width, height] of [[768, 1024], [1024, 768], [1280, 800], [1440, 900]]) {
        await page.setViewportSize({ width, height });
        await waitForIdle(page);
        assert.deepEqual(await coveredThings(page), [], `${width} wide, the map alone`);
        await clickAt(page, [108.219, 16.0605]);
        await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
        assert.deepEqual(await coveredThings(page), [], `${width} wide, with a sheet`);
        await page.keyboard.press('Escape');
        await page.click('#tool-nearest');
        assert.deepEqual(await coveredThings(page), [], `${width} wide, with the nearest tool`);
        await page.click('#nearest-close');
        await page.click('#tool-incident');
        assert.deepEqual(await coveredThings(page), [], `${width} wide, with the incident tool`);
        await page.click('#incident-close');
      }
    },
  },

  'on a phone the layers open from a button and the sheet comes from below': {
    hash: STREETS,
    options: PHONE,
    async run({ page }) {
      assert.equal(await page.isVisible('#panel'), false);
      await page.tap('#panel-toggle');
      assert.equal(await page.isVisible('#panel'), true);
      await page.tap('#panel-toggle');
      const road = await findDrawn(page, 'road');
      await page.touchscreen.tap(road.x, road.y);
      await expectSheet(page, ['Đoạn đường', 'Loại đường']);
      const sheet = await page.locator('#sheet').boundingBox();
      assert.equal(Math.round(sheet.width), 390);
      const foot = await page.locator('#attribution').boundingBox();
      assert.ok(Math.abs(sheet.y + sheet.height - foot.y) <= 1, 'the sheet stands on the sources');
      assert.deepEqual(await coveredThings(page), []);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.equal(overflow, 0, 'nothing is wider than the screen');
      await waitForIdle(page);
      await page.screenshot({ path: join(target, 'map-phone.png') });
    },
  },

  'at 360 pixels nothing is wider than the screen, whatever is open': {
    hash: STREETS,
    options: NARROW,
    async run({ page }) {
      const overflow = () => page.evaluate(() => Math.max(document.documentElement.scrollWidth, document.body.scrollWidth) - window.innerWidth);
      assert.equal(await overflow(), 0, 'the map alone');
      await page.tap('#panel-toggle');
      await page.tap('#layer-details-road_segment');
      assert.equal(await page.evaluate(() => document.querySelector('.panel-body').scrollWidth - document.querySelector('.panel-body').clientWidth), 0, 'the list');
      assert.equal(await overflow(), 0, 'the list open');
      await page.tap('#panel-toggle');
      await page.tap('#tool-nearest');
      assert.equal(await overflow(), 0, 'the nearest tool');
      await page.tap('#nearest-close');
      await page.tap('#tool-print');
      assert.equal(await overflow(), 0, 'the print dialog');
      assert.equal(await page.evaluate(() => document.querySelector('#print').scrollWidth - document.querySelector('#print').clientWidth), 0);
    },
  },

  'the page meets WCAG 2.2 AA as far as axe can tell, light and dark, with each card open': {
    hash: WARDS,
    before: (page) => changeCatalog(page, (layer) => layer.id === 'road_segment' && { synthetic: true, deprecated: { since: '2026-01-01', instead: null }, openness: 'internal' }),
    async run({ page }) {
      await page.check('#layer-switch-road_segment');
      await page.click('#layer-details-road_segment');
      await expectAccessible(page, {
        'the sheet of a ward': [() => clickAt(page, [108.2702, 16.121]).then(() => page.waitForSelector('#sheet:not([hidden])[aria-busy=false]')), () => page.keyboard.press('Escape')],
        'the legend': [() => page.click('#panel-view-legend'), () => page.click('#panel-view-layers')],
        'the nearest tool': [() => page.click('#tool-nearest').then(() => page.click('#nearest-centre')).then(() => page.waitForSelector('#nearest-1')), () => page.click('#nearest-close')],
        'the print dialog': [() => page.click('#tool-print'), () => page.keyboard.press('Escape')],
        'the shortcuts': [() => page.click('#tool-help'), () => page.keyboard.press('Escape')],
      });
    },
  },
};

/** Buttons beside the map, chips, and lines of the sources that something lies on. */
function coveredThings(page) {
  return page.evaluate(() => {
    const shown = [...document.querySelectorAll('#tools button, #actions button, .brand button, #status, #identity')].filter((one) => one.offsetWidth > 0);
    const boxes = shown.map((one) => [one, one.getBoundingClientRect()]);
    const range = document.createRange();
    const line = document.querySelector('.attribution-text');
    range.selectNodeContents(line);
    const foot = document.querySelector('#attribution');
    for (const box of range.getClientRects()) if (box.bottom <= foot.getBoundingClientRect().bottom) boxes.push([foot, box]);
    return boxes.flatMap(([one, { left, top, width, height }]) =>
      [0.1, 0.5, 0.9].flatMap((part) => {
        const hit = document.elementFromPoint(left + width * part, top + height / 2);
        return one.contains(hit) ? [] : [`${one.id || one.textContent}: ${hit?.id || hit?.outerHTML.slice(0, 60)}`];
      }),
    );
  });
}
