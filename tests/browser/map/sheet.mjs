// The sheet of what is at a place, of today and of another day.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { waitForIdle } from '../browser.mjs';
import { base, clickAt, drawnNames, expectSheet, findDrawn, readCatalog, STREETS, target, VIETNAMESE, WARDS } from './looks.mjs';

/** Checks by what they prove. */
export const sheet = {
  'a click on a ward opens its sheet, in Vietnamese and then in English': {
    hash: WARDS,
    async run({ page }) {
      await clickAt(page, [108.2702, 16.121]);
      await expectSheet(page, ['Đơn vị hành chính', 'Phường Sơn Trà', 'Mã đơn vị', '20263', 'Phường', 'km²', 'Nguồn', 'MIT']);
      await page.click('#languages button[lang=en]');
      await expectSheet(page, ['Administrative units', 'Son Tra Ward', 'Unit code', '20263', 'Ward', 'Area', 'Source']);
      assert.equal(await page.getAttribute('html', 'lang'), 'en');
      await waitForIdle(page);
      const names = await drawnNames(page, 'admin_unit');
      assert.ok(!names.some((name) => VIETNAMESE.test(name)), `English ward names: ${names}`);
    },
  },

  'a click on a road opens its sheet, in Vietnamese and then in English': {
    hash: STREETS,
    async run({ page }) {
      const road = await findDrawn(page, 'road');
      await page.mouse.click(road.x, road.y);
      await expectSheet(page, ['Đoạn đường', 'Loại đường', '© OpenStreetMap contributors', 'ODbL-1.0', 'Cùng vị trí', 'Phường']);
      await page.click('#languages button[lang=en]');
      await expectSheet(page, ['Road segments', 'Class', 'Also here', 'Ward']);
    },
  },

  'a click on a building opens its sheet, in Vietnamese and then in English': {
    hash: STREETS,
    async run({ page }) {
      const building = await findDrawn(page, 'building');
      await page.mouse.click(building.x, building.y);
      await expectSheet(page, ['Nhà, công trình', 'Công năng', '© OpenStreetMap contributors']);
      await page.screenshot({ path: join(target, 'map-sheet.png') });
      await page.click('#languages button[lang=en]');
      await expectSheet(page, ['Buildings', 'Use', 'OSM id']);
    },
  },

  'the keyboard alone opens the sheet, and Escape gives the map back': {
    hash: WARDS,
    async run({ page }) {
      await page.focus('.maplibregl-canvas');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#sheet:not([hidden])');
      assert.equal(await page.evaluate(() => document.activeElement.id), 'sheet-title');
      await page.keyboard.press('Escape');
      await page.waitForSelector('#sheet', { state: 'hidden' });
      const focused = await page.evaluate(() => document.activeElement.className);
      assert.ok(focused.includes('maplibregl-canvas'), `focus is on '${focused}'`);
    },
  },

  'made-up layers that are off are not among what else is here': {
    hash: `${STREETS}&lang=vi`,
    async run({ page }) {
      const hidden = (await readCatalog()).layers.filter(({ synthetic }) => synthetic).map(({ title }) => title.vi);
      const told = await (await fetch(new URL('/at?lon=108.219&lat=16.0605', base))).json();
      await clickAt(page, [108.219, 16.0605]);
      await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
      const listed = await page.locator('#sheet .other-layer').allInnerTexts();
      for (const title of hidden) assert.ok(!listed.includes(title), `${title} among ${listed} of ${told.features.length}`);
      await page.keyboard.press('Escape');
    },
  },

  'an end at midnight is the end of the day before, another end has its hour': {
    hash: WARDS,
    before: (page) =>
      page.route('**/at?*', async (route) => {
        const response = await route.fetch();
        const answer = await response.json();
        for (const feature of answer.features) Object.assign(feature, { valid_from: '2025-07-01T00:00:00+07:00', valid_to: '2030-12-31T15:30:00+07:00' });
        await route.fulfill({ response, json: answer });
      }),
    async run({ page }) {
      await clickAt(page, [108.2702, 16.121]);
      await expectSheet(page, ['Phường Sơn Trà', '31/12/2030, 15:30']);
      assert.match(await page.innerText('#sheet'), /Hiệu lực từ\s+01\/07\/2025\n/);
    },
  },

  'values in other scripts and long names keep to themselves': {
    hash: WARDS,
    before: (page) =>
      page.route('**/at?*', async (route) => {
        const response = await route.fetch();
        const answer = await response.json();
        for (const feature of answer.features) feature.properties.full_name = `\u202E${'שם ארוך '.repeat(60)}`;
        await route.fulfill({ response, json: answer });
      }),
    async run({ page }) {
      await clickAt(page, [108.2702, 16.121]);
      await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
      const heading = page.locator('#sheet-title');
      const [height, line] = await heading.evaluate((one) => [one.getBoundingClientRect().height, parseFloat(getComputedStyle(one).lineHeight)]);
      assert.ok(height <= 3 * line + 1, `the heading is ${height} high`);
      assert.equal(await heading.getAttribute('dir'), 'auto');
      const overflow = await page.evaluate(() => document.querySelector('#sheet').scrollWidth - document.querySelector('#sheet').clientWidth);
      assert.equal(overflow, 0);
    },
  },

  'the ward of another day is one question away': {
    hash: WARDS,
    async run({ page }) {
      await clickAt(page, [108.2702, 16.121]);
      await expectSheet(page, ['Phường Sơn Trà']);
      await page.fill('#then-date', '2025-06-30');
      await page.click('.then button');
      await page.waitForFunction(() => /Phường/.test(document.querySelector('.then-answer').innerText));
      const told = await (await fetch(new URL('/at?lon=108.2702&lat=16.121&on=2025-06-30', base))).json();
      const then = told.features.find(({ layer }) => layer === 'admin_unit');
      const answer = await page.innerText('.then-answer');
      assert.ok(answer.includes(then.properties.full_name ?? then.properties.name), `${answer} names ${then.properties.name}`);
      assert.ok(answer.includes('Hiệu lực đến hết ngày 30/06/2025'), answer);
    },
  },
};
