// The map page in a real browser, against a running server.
//
//   node tests/browser/map.mjs http://127.0.0.1:8080
//
// Every check is a sentence; each starts from a fresh page, and each ends by asserting that the
// page reported no fault and asked nobody but the server. Pictures go to target/.

import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launch, openPage, ROOT, waitForIdle } from './browser.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));

/** Letters that only Vietnamese writes; all are in the glyph range 7680-7935. */
const VIETNAMESE = /[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i;

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Streets of Hải Châu with buildings, at a zoom where all layers are drawn. */
const STREETS = '#map=16.3/16.0605/108.2190';

/** The whole of the old city: ward names, no streets yet. */
const WARDS = '#map=11/16.05/108.15';

const base = process.argv[2];
if (!base) {
  console.error('usage: node tests/browser/map.mjs BASE_URL');
  process.exit(2);
}
const target = join(ROOT, 'target');

const checks = {
  'the map opens in Vietnamese on the middle of the city, with its layers and counts': async ({ page }) => {
    const catalog = await (await fetch(new URL('/layers', base))).json();
    assert.equal(await page.getAttribute('html', 'lang'), 'vi');
    const panel = await page.innerText('#panel');
    for (const layer of catalog.layers) {
      assert.ok(panel.includes(layer.title.vi), `the panel names '${layer.title.vi}'`);
      assert.ok(panel.includes(layer.count.toLocaleString('vi-VN')), `the panel counts ${layer.count}`);
    }
    const center = await page.evaluate(() => window.urbisMap.getCenter().toArray());
    assert.ok(Math.abs(center[0] - 108.22) < 0.1 && Math.abs(center[1] - 16.06) < 0.1, `centre ${center}`);
    await page.screenshot({ path: join(target, 'map.png') });
  },

  'street names are drawn with their diacritics, from glyphs of our own server': async ({ page, answers }) => {
    const names = await drawnNames(page, 'road_segment');
    assert.ok(names.some((name) => VIETNAMESE.test(name)), `street names drawn: ${names.slice(0, 10)}`);
    const range = '/fonts/Be Vietnam Pro Regular/7680-7935.pbf';
    assert.equal(answers.get(range), 200, range);
    // A range without glyphs is a valid answer too, of a few bytes.
    const glyphs = await (await fetch(new URL(range, base))).arrayBuffer();
    assert.ok(glyphs.byteLength > 10_000, `${range} holds ${glyphs.byteLength} bytes`);
    assert.equal(answers.get('/sprites/urbis.json'), 200, 'sprites');
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
      const road = await findDrawn(page, 'road-line');
      await page.mouse.click(road.x, road.y);
      await expectSheet(page, ['Đoạn đường', 'Loại đường', '© OpenStreetMap contributors', 'ODbL-1.0', 'Cùng vị trí', 'Phường']);
      await page.click('#languages button[lang=en]');
      await expectSheet(page, ['Road segments', 'Class', 'Also here', 'Ward']);
    },
  },

  'a click on a building opens its sheet, in Vietnamese and then in English': {
    hash: STREETS,
    async run({ page }) {
      const building = await findDrawn(page, 'building-fill');
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

  'a layer that is switched off is gone from the map and stays off in the link': {
    hash: STREETS,
    async run({ page }) {
      await page.uncheck('#layer-switch-road_segment');
      await waitForIdle(page);
      assert.deepEqual(await drawnNames(page, 'road_segment'), []);
      assert.match(page.url(), /off=road_segment/);
      await page.reload();
      await waitForIdle(page);
      assert.deepEqual(await drawnNames(page, 'road_segment'), []);
      assert.equal(await page.isChecked('#layer-switch-road_segment'), false);
    },
  },

  'the chip tells the revision, and says so when the server cannot be reached': {
    mayFail: /ERR_INTERNET_DISCONNECTED/,
    async run({ page }) {
      await page.waitForFunction(() => /Trực tuyến.*bản \d+/s.test(document.querySelector('#status').innerText));
      await page.context().setOffline(true);
      await page.waitForFunction(() => document.querySelector('#status').innerText.includes('Mất kết nối'));
      await page.context().setOffline(false);
      await page.waitForFunction(() => document.querySelector('#status').innerText.includes('Trực tuyến'));
    },
  },

  'a new revision makes the map ask for its tiles again': {
    hash: STREETS,
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

  'the map is drawn dark where the reader prefers it': {
    options: { colorScheme: 'dark' },
    async run({ page, answers }) {
      assert.equal(answers.get('/styles/danang_dark.json'), 200);
      assert.ok((await drawnNames(page, 'road_segment')).length > 0);
      await page.screenshot({ path: join(target, 'map-dark.png') });
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
      const road = await findDrawn(page, 'road-line');
      await page.touchscreen.tap(road.x, road.y);
      await expectSheet(page, ['Đoạn đường', 'Loại đường']);
      const sheet = await page.locator('#sheet').boundingBox();
      assert.equal(Math.round(sheet.width), 390);
      assert.equal(Math.round(sheet.y + sheet.height), 844);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.equal(overflow, 0, 'nothing is wider than the screen');
      await waitForIdle(page);
      await page.screenshot({ path: join(target, 'map-phone.png') });
    },
  },

  'the page meets WCAG 2.2 AA as far as axe can tell, light and dark, sheet open': {
    hash: WARDS,
    async run({ page }) {
      await clickAt(page, [108.2702, 16.121]);
      await page.waitForSelector('#sheet:not([hidden])');
      // Not as a script tag: the page's content policy may refuse one.
      await page.evaluate(require('axe-core').source);
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        const violations = await page.evaluate(async () => {
          const result = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] });
          return result.violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.target.join(' ')).join(', ')}`);
        });
        assert.deepEqual(violations, [], colorScheme);
      }
    },
  },
};

await mkdir(target, { recursive: true });
for (const file of await readdir(target)) {
  if (file.startsWith('map-failed-')) await rm(join(target, file));
}
const browser = await launch();
let passed = 0;
let failed = 0;
for (const [title, check] of Object.entries(checks)) {
  const { hash = '', options = {}, mayFail, run = check } = typeof check === 'function' ? {} : check;
  const opened = await openPage(browser, new URL(`/${hash}`, base).href, options);
  try {
    await waitForIdle(opened.page);
    await run(opened);
    await waitForIdle(opened.page);
    const faults = opened.faults.filter((fault) => !mayFail?.test(fault));
    assert.deepEqual(faults, [], 'the page reports no fault');
    passed += 1;
    console.log(`ok   ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${title}\n     ${String(error.message).replaceAll('\n', '\n     ')}`);
    await opened.page.screenshot({ path: join(target, `map-failed-${failed}.png`) }).catch(() => undefined);
  }
  await opened.close();
}
await browser.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Texts of a layer's labels that are on the screen, as drawn. */
function drawnNames(page, sourceLayer) {
  return page.evaluate((wanted) => {
    const map = window.urbisMap;
    const labels = map.getStyle().layers.filter((layer) => layer.type === 'symbol' && layer.layout['text-field']);
    const names = labels
      .filter((layer) => layer['source-layer'] === wanted)
      .flatMap((layer) => {
        const english = JSON.stringify(layer.layout['text-field']).includes('name_en');
        return map
          .queryRenderedFeatures({ layers: [layer.id] })
          .map(({ properties }) => (english ? (properties.name_en ?? properties.name) : properties.name));
      });
    return [...new Set(names.filter((name) => name !== undefined))];
  }, sourceLayer);
}

/** Clicks a place, given as longitude and latitude. */
async function clickAt(page, lonLat) {
  const at = await page.evaluate((place) => window.urbisMap.project(place), lonLat);
  await page.mouse.click(at.x, at.y);
}

/** A place on the screen, clear of the cards, where a style layer is what lies on top. */
async function findDrawn(page, layerId) {
  const found = await page.evaluate((wanted) => {
    const map = window.urbisMap;
    const { width, height } = map.getCanvas().getBoundingClientRect();
    for (let y = Math.round(height * 0.3); y < height * 0.5; y += 3) {
      for (let x = Math.round(width * 0.35); x < width * 0.7; x += 3) {
        if (map.queryRenderedFeatures([x, y])[0]?.layer.id === wanted) return { x, y };
      }
    }
    return null;
  }, layerId);
  assert.ok(found, `'${layerId}' is drawn in the middle of the map`);
  return found;
}

/** Waits until the sheet, with the full record of the server, holds all these words. */
async function expectSheet(page, words) {
  await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]', { timeout: 10_000 });
  const text = await page.locator('#sheet').innerText();
  // Small headings are shown in capitals.
  const says = (word) => text.toLowerCase().includes(word.toLowerCase());
  for (const word of words) assert.ok(says(word), `the sheet says '${word}':\n${text}`);
}
