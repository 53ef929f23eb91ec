// The map page in a real browser, against a running server.
//
//   node tests/browser/map.mjs http://127.0.0.1:8080 OPERATOR_KEY [PART_OF_A_TITLE]
//
// Every check is a sentence; each starts from a fresh page, and each ends by asserting that the
// page reported no fault and asked nobody but the server. Pictures go to target/.

import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launch, openPage, ROOT, waitForIdle } from './browser.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));

/** Letters that only Vietnamese writes; all are in the glyph range 7680-7935. */
const VIETNAMESE = /[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i;

const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Streets of Hải Châu with buildings, at a zoom where all layers are drawn. */
const STREETS = '#map=16.3/16.0605/108.2190';

/** The whole of the old city: ward names, no streets yet; nothing lies on the wards. */
const WARDS = '#map=11/16.05/108.15&off=land_use,place_name,public_place,water_body,emergency_place,water_station';

/** Small enough that the phones of yesterday have it. */
const NARROW = { ...PHONE, viewport: { width: 360, height: 640 } };

const [base, key, only = ''] = process.argv.slice(2);
if (!base || !key) {
  console.error('usage: node tests/browser/map.mjs BASE_URL OPERATOR_KEY [PART_OF_A_TITLE]');
  process.exit(2);
}
const target = join(ROOT, 'target');

const checks = {
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
      await page.goBack();
      await page.waitForFunction(() => document.querySelector('#layer-switch-road_segment').checked);
    },
  },

  'a theme switches all its layers, and folds away': {
    hash: STREETS,
    async run({ page }) {
      const members = () => page.locator('#theme-body-traffic input[role=switch]').evaluateAll((all) => all.map((one) => one.checked));
      await page.check('#theme-switch-traffic');
      assert.ok((await members()).every(Boolean), 'all are on');
      await page.uncheck('#theme-switch-traffic');
      assert.ok(!(await members()).some(Boolean), 'all are off');
      await page.click('#theme-traffic');
      assert.equal(await page.getAttribute('#theme-traffic', 'aria-expanded'), 'false');
      assert.equal(await page.locator('#layer-road_segment').count(), 0);
    },
  },

  'layers that start off are off, and made-up layers start off, are marked, and raise the banner once on': {
    before: (page) => changeCatalog(page, (layer) => layer.id === 'building' && { synthetic: true }),
    hash: STREETS,
    async run({ page }) {
      const catalog = await readCatalog();
      for (const { id, shown, synthetic } of catalog.layers) {
        const expected = shown && !synthetic && id !== 'building';
        assert.equal(await page.isChecked(`#layer-switch-${id}`), expected, `${id} starts ${expected ? 'on' : 'off'}`);
      }
      assert.ok((await page.innerText('#layer-building')).includes('giả lập'));
      assert.equal(await page.isVisible('#banner'), false);
      await page.check('#layer-switch-building');
      assert.match(await page.innerText('#banner'), /giả lập.*Nhà, công trình/s);
      await page.click('#languages button[lang=en]');
      assert.match(await page.innerText('#banner'), /Synthetic.*Buildings/s);
    },
  },

  'opacity is a part of the style\'s own, stays in the link, and a base layer keeps its own': {
    hash: STREETS,
    async run({ page }) {
      const opacity = () => page.evaluate(() => window.urbisMap.getPaintProperty('road-oneway', 'icon-opacity'));
      const own = await opacity();
      assert.ok(typeof own === 'number' && own < 1, `the style draws it with ${own}`);
      await page.click('#layer-details-road_segment');
      await page.fill('#layer-opacity-road_segment', '50');
      await page.waitForFunction((half) => window.urbisMap.getPaintProperty('road-oneway', 'icon-opacity') === half, own / 2);
      assert.match(page.url(), /opacity=road_segment:50/);
      await page.reload();
      await waitForIdle(page);
      assert.equal(await opacity(), own / 2);
      await page.click('#layer-details-admin_unit');
      await page.fill('#layer-opacity-admin_unit', '50');
      await waitForIdle(page);
      const land = await page.evaluate(() => window.urbisMap.getPaintProperty('admin-land', 'fill-opacity') ?? 1);
      assert.equal(land, 1, 'the land stays solid');
    },
  },

  'the details of a layer give its legend in both languages, its sources, licences and dates': {
    async run({ page }) {
      const layer = (await readCatalog()).layers.find(({ id }) => id === 'emergency_place');
      const values = Object.values(layer.attributes.find(({ name }) => name === 'kind').values);
      await page.click('#layer-details-emergency_place');
      const vietnamese = (await page.innerText('#layer-emergency_place')).toLowerCase();
      for (const value of values) assert.ok(vietnamese.includes(value.vi.toLowerCase()), `${value.vi} in ${vietnamese}`);
      for (const { licence, retrieved } of layer.sources) {
        const words = licence === 'LicenseRef-facts' ? 'nguồn không nêu giấy phép' : licence.toLowerCase();
        assert.ok(vietnamese.includes(words), licence);
        assert.ok(vietnamese.includes(retrieved.split('-').reverse().join('/')), retrieved);
      }
      await page.click('#languages button[lang=en]');
      const english = (await page.innerText('#layer-emergency_place')).toLowerCase();
      for (const value of values) assert.ok(english.includes(value.en.toLowerCase()), `${value.en} in ${english}`);
    },
  },

  'every swatch that the style takes from a code list has its colour, and every layer with features has a swatch': {
    hash: `#key=${key}`,
    async run({ page }) {
      const catalog = await readCatalog({ authorization: `Bearer ${key}` });
      const template = JSON.parse(await readFile(join(ROOT, 'styles/danang.json'), 'utf8'));
      const taken = new Set(JSON.stringify(template.layers).match(/(?<={colors:)[a-z_.]+/g));
      assert.ok(taken.has('land_use.code') && taken.has('parcel.land_use') && taken.has('land_use_plan.code'), [...taken].join());
      for (const layer of catalog.layers.filter(({ count }) => count > 0)) {
        const first = page.locator(`#layer-${layer.id} .layer-row canvas.swatch`);
        assert.equal(await first.count(), 1, `${layer.id} has a swatch`);
        assert.ok((await paintedColors(first)).length > 0, `the swatch of ${layer.id} is not empty`);
        for (const attribute of layer.attributes.filter(({ name }) => taken.delete(`${layer.id}.${name}`))) {
          await page.click(`#layer-details-${layer.id}`);
          const all = page.locator(`#layer-${layer.id} .layer-more .legend + .text-button`);
          if (await all.count()) await all.click();
          const rows = [];
          for (const row of await page.locator(`#layer-${layer.id} .layer-more .legend li`).all()) {
            rows.push({ label: (await row.innerText()).toLowerCase(), colors: await paintedColors(row.locator('canvas')) });
          }
          for (const { color, vi } of Object.values(attribute.values).filter(({ color }) => color)) {
            assert.ok(rows.some(({ colors }) => holds(colors, color)), `${layer.id}: ${vi} is ${color}`);
            const own = rows.find(({ label }) => label === vi.toLowerCase());
            assert.ok(!own || holds(own.colors, color), `${layer.id}: the row '${vi}' is ${color}`);
          }
          await page.click(`#layer-details-${layer.id}`);
        }
      }
      assert.deepEqual([...taken], [], 'all code lists that the style takes colours from were looked at');
    },
  },

  'the legend view names what is drawn and nothing that is off': {
    hash: STREETS,
    async run({ page }) {
      await page.click('#panel-view-legend');
      let legend = await page.innerText('#panel');
      assert.ok(legend.includes('Đoạn đường') && legend.includes('Đường chính cấp một'), legend);
      assert.ok(!legend.includes('Lộ giới'), 'a layer that is off has no legend');
      await page.click('#languages button[lang=en]');
      legend = await page.innerText('#panel');
      assert.ok(legend.includes('Road segments'), legend);
    },
  },

  'sources of what is on the map are always in sight': async ({ page }) => {
    const footer = (await page.innerText('#attribution')).replaceAll('\u00a0', ' ');
    const catalog = await readCatalog();
    const osm = catalog.layers.flatMap(({ sources }) => sources).filter(({ attribution }) => attribution?.includes('OpenStreetMap'));
    const day = osm.map(({ retrieved }) => retrieved).sort().at(-1).split('-').reverse().join('/');
    assert.ok(footer.startsWith(`© OpenStreetMap contributors, ${day}`), footer);
    assert.ok(!/LicenseRef|no licence stated|không nêu giấy phép/.test(footer), footer);
    for (const { id, sources } of catalog.layers) {
      const newest = sources.map(({ retrieved }) => retrieved).sort().at(-1);
      const line = await page.innerText(`#layer-${id} .layer-source`);
      assert.ok(line.includes(newest.split('-').reverse().join('/')), `${id}: ${line}`);
    }
  },

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

  'a link brings back place, layers, opacity, language and appearance, and ignores what it does not know': {
    hash: '#map=15/16.0605/108.2190&lang=en&theme=dark&off=building&opacity=road_segment:40,nothing:10&new=1&at=108.219,16.0605,admin_unit,0',
    async run({ page, answers }) {
      assert.equal(await page.getAttribute('html', 'lang'), 'en');
      assert.equal(await page.getAttribute('html', 'data-theme'), 'dark');
      assert.equal(answers.get('/styles/danang_dark.json'), 200);
      assert.equal(await page.isChecked('#layer-switch-building'), false);
      const { zoom, center } = await page.evaluate(() => ({ zoom: window.urbisMap.getZoom(), center: window.urbisMap.getCenter().toArray() }));
      assert.ok(Math.abs(zoom - 15) < 0.01 && Math.abs(center[0] - 108.219) < 1e-3, `${zoom} ${center}`);
      const point = await page.evaluate(() => window.urbisMap.project([108.2190, 16.0605]));
      await page.keyboard.press('Escape');
      await page.mouse.click(point.x, point.y);
      await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
      const heading = await page.innerText('#sheet-title');
      const link = page.url();
      await page.goBack();
      await page.waitForSelector('#sheet', { state: 'hidden' });
      await page.goForward();
      await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
      const copy = await page.context().newPage();
      await copy.goto(link);
      await waitForIdle(copy);
      await copy.waitForSelector('#sheet:not([hidden])[aria-busy=false]');
      assert.equal(await copy.innerText('#sheet-title'), heading);
      await copy.close();
    },
  },

  'the link is copied as it is in the address': {
    options: { permissions: ['clipboard-read', 'clipboard-write'] },
    hash: STREETS,
    async run({ page }) {
      await page.click('#tool-copyLink');
      await page.waitForFunction(() => document.querySelector('#message.shown')?.textContent.includes('Đã sao chép'));
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), page.url());
    },
  },

  'what is internal is on the page with the key alone, and the key leaves the address at once': {
    async run({ page }) {
      assert.equal(await page.locator('#layer-camera').count(), 0, 'the public has no cameras');
      assert.equal(await page.isVisible('#identity'), false);
      const sent = [];
      page.on('request', (request) => sent.push([request.url(), request.headers()['authorization']]));
      // Another document, as when a link is opened: a fragment alone would load nothing.
      await page.goto('about:blank');
      await page.goto(new URL(`/#key=${key}&lang=vi`, base).href);
      await waitForIdle(page);
      assert.ok(!page.url().includes('key') && page.url().includes('lang=vi'), page.url());
      assert.equal(await page.locator('#layer-camera .lock').count(), 1);
      assert.match(await page.innerText('#identity'), /Người vận hành · hạn chế/);
      const unsigned = sent.filter(([url, header]) => /\/(tiles|layers|styles|sprites|health)/.test(url) && header !== `Bearer ${key}`);
      assert.deepEqual(unsigned, [], 'every question carries the key');
      await page.goBack();
      assert.ok(!page.url().includes(key), 'no step of the history holds the key');
      await page.goForward();
      await waitForIdle(page);
      await page.click('#sign-out');
      await page.waitForFunction(() => document.querySelector('#identity')?.hidden && window.urbisMap);
      await waitForIdle(page);
      assert.equal(await page.locator('#layer-camera').count(), 0);
      assert.equal(await page.evaluate(() => sessionStorage.getItem('urbis-key')), null);
    },
  },

  'a key that the server does not know is dropped, and the page says so': {
    mayFail: /401/,
    async run({ page }) {
      await page.goto('about:blank');
      await page.goto(new URL('/#key=urbis_nobody_nothing', base).href);
      await page.waitForFunction(() => document.querySelector('#message.shown')?.textContent.includes('Khóa không còn dùng được'));
      await waitForIdle(page);
      assert.equal(await page.evaluate(() => sessionStorage.getItem('urbis-key')), null);
    },
  },

  'what cannot be a key is dropped at once, and the page opens for everybody and says so': {
    async run({ page }) {
      for (const broken of ['%', 'a%20b%0Ac', 'khóa€', 'x'.repeat(201)]) {
        await page.goto('about:blank');
        await page.goto(new URL(`/#key=${broken}`, base).href);
        await page.waitForFunction(() => document.querySelector('#message.shown')?.textContent.includes('Khóa không còn dùng được'));
        await waitForIdle(page);
        assert.ok(!page.url().includes('key'), page.url());
        assert.equal(await page.evaluate(() => sessionStorage.getItem('urbis-key')), null);
        assert.equal(await page.isVisible('#identity'), false);
      }
    },
  },

  'a link to what is not there says so and opens nothing, and one with parts missing is no link': {
    hash: `${STREETS}&at=108.219,16.0605,building,999999999`,
    async run({ page }) {
      await page.waitForFunction(() => document.querySelector('#message.shown')?.textContent.includes('không còn ở đây'));
      assert.equal(await page.isVisible('#sheet'), false);
      assert.ok(!page.url().includes('at='), page.url());
      for (const broken of [',,building,', '108.2,16.06,building,', ',16.06,building,1', '108.2,16.06,building,1.5', '108.2,16.06,building,1,2']) {
        await page.goto('about:blank');
        await page.goto(new URL(`/${STREETS}&at=${broken}`, base).href);
        await waitForIdle(page);
        assert.equal(await page.isVisible('#sheet'), false, broken);
      }
    },
  },

  'an opacity that is none is refused, and no layer that is on fades away': {
    hash: `${STREETS}&opacity=road_segment:,building:0,water_body:-5,land_use:1e1`,
    async run({ page }) {
      for (const [layer, percent] of Object.entries({ road_segment: '100', building: '10', water_body: '100', land_use: '100' })) {
        await page.click(`#layer-details-${layer}`);
        assert.equal(await page.inputValue(`#layer-opacity-${layer}`), percent, layer);
      }
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

  'the appearance goes from the system\'s to light to dark, and is kept': async ({ page }) => {
    const theme = () => page.getAttribute('html', 'data-theme');
    await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
    await page.waitForFunction(() => document.documentElement.dataset.theme === 'dark');
    await page.click('#appearance');
    assert.equal(await theme(), 'light');
    await page.click('#appearance');
    assert.equal(await theme(), 'dark');
    await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'reduce' });
    assert.equal(await theme(), 'dark');
    await page.goto(base);
    await waitForIdle(page);
    assert.equal(await theme(), 'dark', 'the next visit is dark, too');
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

  'the keyboard reaches the list and the map without crossing the page': async ({ page }) => {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'panel');
    await page.focus('[data-skip=map-canvas]');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'map-canvas');
    assert.ok(!page.url().includes('#panel'), 'the link of the map stays');
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
    hash: STREETS,
    options: { colorScheme: 'dark' },
    async run({ page, answers }) {
      assert.equal(answers.get('/styles/danang_dark.json'), 200);
      assert.ok((await drawnNames(page, 'road_segment')).length > 0);
      await page.screenshot({ path: join(target, 'map-dark.png') });
    },
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
      await page.evaluate(require('axe-core').source);
      const states = {
        'the sheet of a ward': [() => clickAt(page, [108.2702, 16.121]).then(() => page.waitForSelector('#sheet:not([hidden])[aria-busy=false]')), () => page.keyboard.press('Escape')],
        'the legend': [() => page.click('#panel-view-legend'), () => page.click('#panel-view-layers')],
        'the nearest tool': [() => page.click('#tool-nearest').then(() => page.click('#nearest-centre')).then(() => page.waitForSelector('#nearest-1')), () => page.click('#nearest-close')],
        'the print dialog': [() => page.click('#tool-print'), () => page.keyboard.press('Escape')],
        'the shortcuts': [() => page.click('#tool-help'), () => page.keyboard.press('Escape')],
      };
      for (const colorScheme of ['light', 'dark']) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        for (const [name, [open, close]] of Object.entries(states)) {
          await open();
          const violations = await page.evaluate(async () => {
            const result = await window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] });
            return result.violations.map((v) => `${v.id}: ${v.nodes.map((node) => node.target.join(' ')).join(', ')}`);
          });
          assert.deepEqual(violations, [], `${name}, ${colorScheme}`);
          await close();
        }
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
for (const [title, check] of Object.entries(checks).filter(([known]) => known.includes(only))) {
  const { hash = '', options = {}, mayFail, before, run = check } = typeof check === 'function' ? {} : check;
  const opened = await openPage(browser, new URL(`/${hash}`, base).href, { ...options, before });
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

/** What the server tells a caller of its layers. */
async function readCatalog(headers = {}) {
  return (await fetch(new URL('/layers', base), { headers })).json();
}

/** Colours of a canvas that are more than a shade, each `[red, green, blue, alpha]`. */
function paintedColors(canvas) {
  return canvas.evaluate((drawn) => {
    const bytes = drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height).data;
    const colors = new Map();
    for (let at = 0; at < bytes.length; at += 4) {
      const color = [...bytes.slice(at, at + 4)];
      if (color[3] > 40) colors.set(color.join(), color);
    }
    return [...colors.values()];
  });
}

/** Whether one of these is `#rrggbb`, to the rounding that transparency brings. */
function holds(colors, hex) {
  const wanted = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return colors.some((color) => wanted.every((part, at) => Math.abs(part - color[at]) <= Math.ceil(255 / color[3])));
}

/** Changes layers of the catalogue on their way to the page. */
async function changeCatalog(page, change) {
  await page.route('**/layers', async (route) => {
    const response = await route.fetch();
    const catalog = await response.json();
    for (const layer of catalog.layers) Object.assign(layer, change(layer) || {});
    await route.fulfill({ response, json: catalog });
  });
}

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
