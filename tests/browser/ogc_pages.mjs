// The pages of OGC API in a browser: what a planner sees, copies and reads, with and without scripts.
//
//   node tests/browser/ogc_pages.mjs BASE_URL KEY
//
// Writes pictures to target/ogc-pages.

import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { launch, openPage, ROOT, waitForIdle } from './browser.mjs';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const RULES = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'];
const PICTURES = join(ROOT, 'target/ogc-pages');

const base = process.argv[2]?.replace(/\/$/, '');
const key = process.argv[3];
if (!base || !key) {
  console.error('usage: node tests/browser/ogc_pages.mjs BASE_URL KEY');
  process.exit(2);
}

const LANDING = '/ogc?f=html';
const LAYERS = '/ogc/collections?f=html';
const LAYER = '/ogc/collections/admin_unit?f=html';
const PAGES = [
  LANDING,
  LAYERS,
  LAYER,
  '/ogc/collections/parcel?f=html',
  '/ogc/collections/admin_unit/schema?f=html',
  '/ogc/collections/admin_unit/items?f=html',
  '/ogc/collections/admin_unit/tiles?f=html',
  '/ogc/conformance?f=html',
  '/ogc/api?f=html',
  '/ogc/styles?f=html',
];

const CHECKS = {
  'a page meets WCAG 2.2 AA as far as axe can tell, light, dark and on a phone': async (browser) => {
    const phone = { viewport: { width: 390, height: 844 } };
    for (const path of PAGES) {
      for (const look of [{ colorScheme: 'light' }, { colorScheme: 'dark', ...phone }]) {
        await withPage(browser, path, look, async (page) => {
          // The map within has checks of its own.
          await page.evaluate(() => document.querySelector('iframe')?.remove());
          await page.evaluate(require('axe-core').source);
          const { violations } = await page.evaluate((runOnly) => window.axe.run(document, { runOnly }), RULES);
          const said = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target).join(' ')}`);
          assert.deepEqual(said, [], `${path} ${look.colorScheme}`);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          assert.ok(overflow <= 0, `${path} is ${overflow} px wider than the screen`);
        });
      }
    }
  },

  'a button copies the address beside it': async (browser) => {
    await withPage(browser, LAYER, { permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
      const buttons = page.locator('button.copy');
      const expected = [
        `${base}/ogc`,
        `${base}/tiles/admin_unit/{z}/{x}/{y}.pbf`,
        `${base}/styles/danang/qgis/admin_unit`,
      ];
      for (const [place, text] of expected.entries()) {
        await buttons.nth(place).click();
        assert.equal(await page.evaluate(() => navigator.clipboard.readText()), text);
      }
      await buttons.nth(0).focus();
      await page.keyboard.press('Enter');
      assert.equal(await page.evaluate(() => navigator.clipboard.readText()), expected[0]);
    });
  },

  'what is copied is there': async () => {
    for (const path of ['/ogc', '/tiles/admin_unit/10/819/466.pbf', '/styles/danang/qgis/admin_unit', '/ogc/dcat']) {
      assert.equal((await fetch(base + path)).status, 200, path);
    }
  },

  'the map of a layer is drawn in its page, and nothing lies over it': async (browser) => {
    await withPage(browser, LAYER, {}, async (page) => {
      const frame = await (await page.waitForSelector('iframe.map')).contentFrame();
      await waitForIdle(frame);
      const drawn = await frame.evaluate(
        () => window.urbisMap.queryRenderedFeatures().filter(({ sourceLayer }) => sourceLayer === 'admin_unit').length,
      );
      assert.ok(drawn > 0, 'no ward is drawn');
      assert.equal(await frame.locator('#panel').isVisible(), false);
      await page.screenshot({ path: join(PICTURES, 'layer.png'), fullPage: true });
    });
  },

  'one language is shown, the other at a click, and it is remembered': async (browser) => {
    await withPage(browser, LAYERS, {}, async (page) => {
      const heading = page.locator('h1');
      assert.equal((await heading.innerText()).trim(), 'Các lớp dữ liệu');
      await page.screenshot({ path: join(PICTURES, 'layers.png') });
      await page.getByLabel('English').check();
      assert.equal((await heading.innerText()).trim(), 'Layers');
      await page.goto(base + LANDING);
      assert.equal((await heading.innerText()).trim(), "The city's data");
      assert.equal(await page.evaluate(() => document.documentElement.lang), 'en');
      await page.screenshot({ path: join(PICTURES, 'landing.png'), fullPage: true });
      // What is the same in both languages is no word of the other one.
      await page.goto(base + LAYER);
      assert.match(await page.title(), /^Administrative units – /);
      assert.match((await page.locator('dd').first().innerText()).trim(), /^\d+ · see the table$/);
      assert.match(await page.locator('dl.copies').innerText(), /OGC API – Features[^]*zmin – zmax/);
      const map = await (await page.waitForSelector('iframe.map')).contentFrame();
      await map.waitForFunction(() => window.urbisMap && document.documentElement.lang === 'en');
      await page.getByLabel('Tiếng Việt').check();
      await map.waitForFunction(() => document.documentElement.lang === 'vi');
    });
  },

  'without scripts the texts, the languages and the files are there all the same': async (browser) => {
    await withPage(browser, LAYER, { javaScriptEnabled: false }, async (page) => {
      await page.getByLabel('English').check();
      assert.equal((await page.locator('h1').innerText()).trim(), 'Administrative units');
      const files = await page.locator('.files a').evaluateAll((links) => links.map((link) => link.href));
      assert.deepEqual(
        files.map((href) => new URL(href).searchParams.get('f')),
        ['gpkg', 'fgb', 'geojson', 'csv', 'shp'],
      );
      const answer = await fetch(files[2]);
      assert.equal(answer.status, 200);
      assert.ok((await answer.json()).features.length > 90);
    });
  },

  'a layer says when it was imported last, and by whose terms': async (browser) => {
    await withPage(browser, LAYER, {}, async (page) => {
      const said = await page.locator('dl').first().innerText();
      assert.match(said, /Nhập gần nhất\s+\d{2}\/\d{2}\/\d{4} \d{2}:\d{2}/);
      assert.match(said, /Giấy phép\s+MIT/);
    });
  },

  'a layer that only few may see has a page for them alone, which says so': async (browser) => {
    const path = '/ogc/collections/camera?f=html';
    assert.equal((await fetch(base + path)).status, 404);
    const extraHTTPHeaders = { Authorization: `Bearer ${key}` };
    await withPage(browser, path, { extraHTTPHeaders }, async (page) => {
      assert.match(await page.locator('.lead').innerText(), /dùng riêng|dùng chung/);
    });
  },
};

await mkdir(PICTURES, { recursive: true });
const browser = await launch();
let failed = 0;
try {
  for (const [name, check] of Object.entries(CHECKS)) {
    try {
      await check(browser);
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.error(`FAILED ${name}\n${error.stack}`);
    }
  }
} finally {
  await browser.close();
}
process.exit(failed === 0 ? 0 : 1);

/** Opens a page, which must report no fault. */
async function withPage(browser, path, options, check) {
  const { page, faults, close } = await openPage(browser, base + path, options);
  try {
    await check(page);
    assert.deepEqual(faults, [], path);
  } finally {
    await close();
  }
}
