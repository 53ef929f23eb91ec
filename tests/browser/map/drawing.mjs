// What is on the map: names in our own letters, islands, dark and light, and what is new.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { waitForIdle } from '../browser.mjs';
import { base, drawnNames, STREETS, target, VIETNAMESE, WARDS } from './looks.mjs';

/** Checks by what they prove. */
export const drawing = {
  'the map opens in Vietnamese on the whole city beside the panel, with its layers and counts': async ({ page }) => {
    const catalog = await (await fetch(new URL('/layers', base))).json();
    assert.equal(await page.getAttribute('html', 'lang'), 'vi');
    const panel = await page.innerText('#panel');
    for (const layer of catalog.layers) {
      assert.ok(panel.includes(layer.title.vi), `the panel names '${layer.title.vi}'`);
      assert.ok(panel.includes(layer.count.toLocaleString('vi-VN')), `the panel counts ${layer.count}`);
    }
    const [west, south, east, north] = catalog.city.bbox;
    const corners = await page.evaluate((places) => places.map((place) => window.urbisMap.project(place)), [[west, north], [east, south]]);
    const [left, bottom] = await page.evaluate(() => [
      document.querySelector('#panel').getBoundingClientRect().right,
      document.querySelector('#attribution').getBoundingClientRect().top,
    ]);
    assert.ok(corners[0].x >= left && corners[0].y >= 0 && corners[1].x <= 1280 && corners[1].y <= bottom, JSON.stringify(corners));
    assert.ok(Math.max((corners[1].x - corners[0].x) / (1280 - left), (corners[1].y - corners[0].y) / bottom) > 0.85, 'no smaller than need be');
    await page.screenshot({ path: join(target, 'map.png') });
  },

  'street names are drawn with their diacritics, from glyphs of our own server': {
    hash: STREETS,
    async run({ page, answers }) {
      const names = await drawnNames(page, 'road_segment');
      assert.ok(names.some((name) => VIETNAMESE.test(name)), `street names drawn: ${names.slice(0, 10)}`);
      const range = '/fonts/Be Vietnam Pro Regular/7680-7935.pbf';
      assert.equal(answers.get(range), 200, range);
      // A range without glyphs is a valid answer too, of a few bytes.
      const glyphs = await (await fetch(new URL(range, base))).arrayBuffer();
      assert.ok(glyphs.byteLength > 10_000, `${range} holds ${glyphs.byteLength} bytes`);
      assert.equal(answers.get('/sprites/urbis.json'), 200, 'sprites');
    },
  },

  'ward names are drawn with their diacritics': {
    hash: WARDS,
    async run({ page }) {
      const names = await drawnNames(page, 'admin_unit');
      assert.ok(names.includes('Hải Châu') || names.includes('Sơn Trà'), `ward names drawn: ${names}`);
      assert.ok(names.some((name) => VIETNAMESE.test(name)), `ward names drawn: ${names}`);
      const drawn = await page.evaluate(() =>
        window.urbisMap.queryRenderedFeatures({ layers: ['admin-label'] }).map(({ properties }) => properties.name),
      );
      assert.equal(drawn.filter((name) => name === 'Hòa Vang' || name === 'Hoà Vang').length, 1, `once each: ${drawn}`);
    },
  },

  'depths and widths on the map are written as the page writes numbers': {
    hash: STREETS,
    async run({ page }) {
      const locales = () =>
        page.evaluate(() => {
          const fields = window.urbisMap.getStyle().layers.map(({ layout }) => JSON.stringify(layout?.['text-field'] ?? ''));
          return [...new Set(fields.flatMap((field) => field.match(/(?<="locale":")[^"]+/g) ?? []))];
        });
      assert.deepEqual(await locales(), ['vi-VN']);
      await page.click('#languages button[lang=en]');
      await waitForIdle(page);
      assert.deepEqual(await locales(), ['en-GB']);
    },
  },

  'from far away Hoàng Sa and Trường Sa are on the map': {
    hash: '#map=5/13.5/111.5',
    async run({ page }) {
      const names = await drawnNames(page, 'place_name');
      for (const island of ['Hoàng Sa', 'Trường Sa']) {
        assert.ok(names.some((name) => name.includes(island)), `${island} among ${names}`);
      }
      await page.screenshot({ path: join(target, 'map-z5.png') });
    },
  },

  'the map is drawn dark where the reader prefers it': {
    hash: STREETS,
    options: { colorScheme: 'dark' },
    async run({ page, answers }) {
      assert.equal(answers.get('/styles/danang_dark.json'), 200);
      assert.ok((await drawnNames(page, 'road_segment')).length > 0);
      await page.screenshot({ path: join(target, 'map-dark.png') });
    },
  },

  'the chip tells the revision, and says so when the server cannot be reached': {
    mayFail: /ERR_INTERNET_DISCONNECTED/,
    async run({ page }) {
      await page.waitForFunction(() => /Trực tuyến.*phiên bản \d+/s.test(document.querySelector('#status').innerText));
      await page.context().setOffline(true);
      await page.waitForFunction(() => document.querySelector('#status').innerText.includes('Mất kết nối'));
      await page.context().setOffline(false);
      await page.waitForFunction(() => document.querySelector('#status').innerText.includes('Trực tuyến'));
    },
  },

  'without the stream of changes, a new revision makes the map ask for its tiles again': {
    hash: STREETS,
    before: (page) => page.route('**/live/events*', (route) => route.abort()),
    mayFail: /live\/events|ERR_FAILED/,
    async run({ page }) {
      await page.waitForFunction(() => /bản \d+/.test(document.querySelector('#status').innerText));
      const headers = { 'urbis-revision': '999999999', 'urbis-age-ms': '5' };
      await page.route('**/health/ready', (route) => route.fulfill({ json: { status: 'ready' }, headers }));
      const again = page.waitForRequest((request) => request.url().includes('/tiles/') && /\/\d+\/\d+\/\d+/.test(request.url()));
      await page.evaluate(() => window.dispatchEvent(new Event('online')));
      await again;
      await waitForIdle(page);
      assert.ok((await drawnNames(page, 'road_segment')).length > 0);
    },
  },
};
