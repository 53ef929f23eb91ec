// What several checks of the map page ask: who answers, where to look, and what is to be seen there.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ROOT } from '../browser.mjs';

const require = createRequire(new URL('../../../web/package.json', import.meta.url));

/** Address of the server, the operator's key, the server's database, and a part of the titles of the checks to run. */
export const [base, key, database, only = ''] = process.argv.slice(2);

/** Folder of the pictures. */
export const target = join(ROOT, 'target');

/** Letters that only Vietnamese writes; all are in the glyph range 7680-7935. */
export const VIETNAMESE = /[ạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ]/i;

/** Streets of Hải Châu with buildings, at a zoom where all layers are drawn. */
export const STREETS = '#map=16.3/16.0605/108.2190';

/** The whole of the old city: ward names, no streets yet; nothing lies on the wards. */
export const WARDS = '#map=11/16.05/108.15&off=land_use,place_name,public_place,water_body,emergency_place,water_station';

/** A phone of today, as options of a page. */
export const PHONE = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };

/** Texts of a layer's labels that are on the screen, as drawn. */
export function drawnNames(page, sourceLayer) {
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
export async function clickAt(page, lonLat) {
  const at = await page.evaluate((place) => window.urbisMap.project(place), lonLat);
  await page.mouse.click(at.x, at.y);
}

/** A place on the screen, clear of the cards, where a style layer is what lies on top. */
export async function findDrawn(page, layerId) {
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
export async function expectSheet(page, words) {
  await page.waitForSelector('#sheet:not([hidden])[aria-busy=false]', { timeout: 10_000 });
  const text = await page.locator('#sheet').innerText();
  // Small headings are shown in capitals.
  const says = (word) => text.toLowerCase().includes(word.toLowerCase());
  for (const word of words) assert.ok(says(word), `the sheet says '${word}':\n${text}`);
}

/** Opens each of the states of a page, light and dark, has axe look for violations of WCAG, and closes it. */
export async function expectAccessible(page, states) {
  await page.evaluate(require('axe-core').source);
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
}

/** What the server tells a caller of its layers. */
export async function readCatalog(headers = {}) {
  return (await fetch(new URL('/layers', base), { headers })).json();
}

/** Changes layers of the catalogue on their way to the page. */
export async function changeCatalog(page, change) {
  await page.route('**/layers', async (route) => {
    const response = await route.fetch();
    const catalog = await response.json();
    for (const layer of catalog.layers) Object.assign(layer, change(layer) || {});
    await route.fulfill({ response, json: catalog });
  });
}
