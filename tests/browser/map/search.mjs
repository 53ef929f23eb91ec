// The search box: typed, gone through by the keyboard, gone to.

import assert from 'node:assert/strict';
import { waitForIdle } from '../browser.mjs';
import { base, expectAccessible, expectSheet, PHONE } from './looks.mjs';

/** A narrow phone of before. */
const NARROW = { viewport: { width: 360, height: 640 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Waits until the list shows results for what was typed. */
async function expectResults(page) {
  await page.waitForSelector('#search-results:not([hidden]) [role=option]', { timeout: 10_000 });
}

/** Middle and zoom of the map. */
function view(page) {
  return page.evaluate(() => ({ ...window.urbisMap.getCenter(), zoom: window.urbisMap.getZoom() }));
}

/** What the server says of the same question. */
async function ask(text) {
  const { results } = await (await fetch(new URL(`/search?${new URLSearchParams({ q: text })}`, base))).json();
  return results;
}

/** Waits until the map stands where a result is. */
async function expectThere(page, [west, south, east, north]) {
  await waitForIdle(page);
  const { lng, lat, zoom } = await view(page);
  const bounds = await page.evaluate(() => window.urbisMap.getBounds().toArray().flat());
  assert.ok(bounds[0] <= west && bounds[1] <= south && bounds[2] >= east && bounds[3] >= north, `${bounds} shows ${[west, south, east, north]}`);
  assert.ok(zoom > 11, `zoom ${zoom} at ${lng},${lat}`);
}

/** Checks by what they prove. */
export const search = {
  'tran cao van, an arrow and Enter lead to the street Trần Cao Vân and open its sheet': {
    hash: '#map=11/16.05/108.15',
    async run({ page }) {
      await page.focus('.maplibregl-canvas');
      await page.keyboard.press('/');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'search-field');
      assert.equal(await page.inputValue('#search-field'), '', 'the slash is a shortcut, no text');
      await page.keyboard.type('tran cao van');
      await expectResults(page);
      await page.waitForFunction(() => document.querySelector('#search-result-0').textContent.includes('Trần Cao Vân'));
      assert.equal(await page.getAttribute('#search-field', 'aria-expanded'), 'true');
      await page.keyboard.press('ArrowDown');
      assert.equal(await page.getAttribute('#search-field', 'aria-activedescendant'), 'search-result-0');
      assert.equal(await page.getAttribute('#search-result-0', 'aria-selected'), 'true');
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowUp');
      const title = await page.locator('#search-result-0 .found-title').innerText();
      const subtitle = await page.locator('#search-result-0 .found-subtitle').innerText();
      await page.keyboard.press('Enter');
      await expectSheet(page, [title]);
      const found = (await ask('tran cao van')).find((one) => one.title === title && one.subtitle === subtitle);
      await expectThere(page, found.bbox);
      assert.equal(await page.isHidden('#search-results'), true);
    },
  },

  'Enter takes the first result before it is shown, and coordinates are gone to': {
    async run({ page }) {
      await page.fill('#search-field', '550840.1548 1776387.4104');
      await page.press('#search-field', 'Enter');
      await page.waitForFunction(() => Math.abs(window.urbisMap.getCenter().lng - 108.227) < 0.01);
      await waitForIdle(page);
      const marks = await page.evaluate(() => window.urbisMap.querySourceFeatures('marks').length);
      assert.ok(marks > 0, 'the place is marked');
    },
  },

  'Escape closes the results, then leaves the box; what is nothing says so': {
    async run({ page }) {
      await page.fill('#search-field', 'tran phu');
      await expectResults(page);
      await page.press('#search-field', 'Escape');
      assert.equal(await page.isHidden('#search-results'), true);
      assert.equal(await page.inputValue('#search-field'), 'tran phu');
      await page.press('#search-field', 'Escape');
      assert.equal(await page.inputValue('#search-field'), '');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'map-canvas');
      await page.fill('#search-field', 'qqqqxxxx');
      await page.waitForFunction(() => document.querySelector('#search-note').textContent.includes('Không tìm thấy'));
    },
  },

  'the search fits a narrow phone, and a press goes to a result': {
    options: NARROW,
    async run({ page }) {
      await page.fill('#search-field', 'tran phu');
      await expectResults(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.equal(overflow, 0);
      const { height } = await page.locator('#search-result-0').boundingBox();
      assert.ok(height >= 44, `a result is ${height} pixels high`);
      await page.tap('#search-result-0');
      await expectSheet(page, ['Trần Phú']);
    },
  },

  'the search box meets WCAG 2.2 AA as far as axe can tell, light and dark': {
    async run({ page }) {
      await expectAccessible(page, {
        'with results': [
          async () => {
            await page.fill('#search-field', 'tran phu');
            await expectResults(page);
            await page.press('#search-field', 'ArrowDown');
          },
          async () => {
            await page.press('#search-field', 'Escape');
            await page.press('#search-field', 'Escape');
          },
        ],
      });
    },
  },

  'the language of the page is that of the results': {
    options: PHONE,
    async run({ page }) {
      await page.fill('#search-field', 'tran phu');
      await expectResults(page);
      await page.tap('#languages button[lang=en]');
      await page.waitForFunction(() => /road|street/.test(document.querySelector('#search-results').textContent));
    },
  },
};
