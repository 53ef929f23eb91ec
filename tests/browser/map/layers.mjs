// The list of layers: switches, opacity, legends and sources.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ROOT, waitForIdle } from '../browser.mjs';
import { changeCatalog, drawnNames, key, readCatalog, STREETS } from './looks.mjs';

/** Checks by what they prove. */
export const layers = {
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

  'an opacity that is none is refused, and no layer that is on fades away': {
    hash: `${STREETS}&opacity=road_segment:,building:0,water_body:-5,land_use:1e1`,
    async run({ page }) {
      for (const [layer, percent] of Object.entries({ road_segment: '100', building: '10', water_body: '100', land_use: '100' })) {
        await page.click(`#layer-details-${layer}`);
        assert.equal(await page.inputValue(`#layer-opacity-${layer}`), percent, layer);
      }
    },
  },
};

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
