// The live map: what is edited in the database is on the open map at once, and nothing else is asked for.

import assert from 'node:assert/strict';
import { waitForIdle } from '../browser.mjs';
import { key, STREETS } from './looks.mjs';
import { sql, untilLive, within } from './waiting.mjs';

/** From the commit to the map: software rendering on a busy machine included. */
const LIVE_MS = 2_000;

/** Between two questions for the server's revision while there is no stream, and a bit. */
const POLL_MS = 8_000;

/** A place that the opened map shows, and a tile of it. */
const PLACE = [108.219, 16.0605];

/** Checks by what they prove. */
export const live = {
  'an edit in psql is on the open map within two seconds, for the price of the tiles that changed': {
    hash: STREETS,
    async run({ page }) {
      await untilLive(page);
      const street = await streetInTheMiddle(page);
      const asked = noteTiles(page);
      await rename(page, street, newName());
      const tiles = await asked();
      assert.ok(tiles.length > 0 && tiles.every((path) => path.startsWith('/tiles/traffic/')), tiles.join());
      const shown = await page.evaluate(() => window.urbisMap.coveringTiles({ tileSize: 512, maxzoom: 16 }).length);
      assert.ok(new Set(tiles).size <= shown, `${tiles} of ${shown} tiles`);
      await rename(page, street, street.name);
    },
  },

  'a feature that is inserted, moved and deleted is on the map, and in its count, wherever the map looks': {
    async run({ page }) {
      // Beyond the last zoom of the tiles, on their last zoom, and where few layers are drawn.
      for (const [zoom, layer] of [[17.5, 'building'], [16, 'building'], [11, 'emergency_place']]) {
        await page.evaluate(({ zoom, place }) => window.urbisMap.jumpTo({ zoom, center: place }), { zoom, place: PLACE });
        await waitForIdle(page);
        await untilLive(page);
        const count = () => page.evaluate((id) => document.querySelector(`#layer-${id}`).innerText.match(/\d[\d.]*/)?.[0], layer);
        const before = await count();
        const shape = (lon) => (layer === 'building' ? `ST_Multi(ST_Buffer(ST_SetSRID(ST_MakePoint(${lon}, ${PLACE[1]}), 4326), 0.0002))` : `ST_SetSRID(ST_MakePoint(${lon}, ${PLACE[1]}), 4326)`);
        const stored = (lon) => `ST_Transform(${shape(lon)}, Find_SRID('layer', '${layer}', 'geom'))`;
        const kind = layer === 'building' ? '' : ', kind';
        const value = layer === 'building' ? '' : ", 'hospital'";
        const id = Number(await sql(`INSERT INTO layer.${layer} (geom${kind}) VALUES (${stored(PLACE[0])}${value}) RETURNING feature_id`));
        const drawn = () => page.evaluate(([layer, id]) => window.urbisMap.querySourceFeatures(layer === 'building' ? 'construction' : 'emergency', { sourceLayer: layer }).some((feature) => feature.id === id), [layer, id]);
        await within(LIVE_MS, `${layer} ${id} is on the map at zoom ${zoom}`, drawn);
        await within(LIVE_MS + 2_000, 'the count grows', async () => (await count()) !== before);
        await sql(`UPDATE layer.${layer} SET geom = ${stored(109.3)} WHERE feature_id = ${id}`);
        await within(LIVE_MS, `${layer} ${id} has gone to sea`, async () => !(await drawn()));
        await sql(`UPDATE layer.${layer} SET geom = ${stored(PLACE[0])} WHERE feature_id = ${id}`);
        await within(LIVE_MS, `${layer} ${id} is back`, drawn);
        await sql(`DELETE FROM layer.${layer} WHERE feature_id = ${id}`);
        await within(LIVE_MS, `${layer} ${id} is gone`, async () => !(await drawn()));
        await within(LIVE_MS + 2_000, 'the count is as before', async () => (await count()) === before);
      }
    },
  },

  'what is edited beside the screen is new when it comes back, and so is what is beside the stream': {
    // The screen is two and a half tiles wide here: moved by almost its width it shows none of those before.
    hash: `#map=16.02/${PLACE[1]}/${PLACE[0]}`,
    async run({ page }) {
      await untilLive(page);
      const street = await streetInTheMiddle(page);
      // A screen away the stream goes on as it is; ten screens away there is another.
      for (const [lon, isHeard] of [[PLACE[0] + 0.0127, true], [PLACE[0] + 0.2, false]]) {
        const name = newName();
        await jumpTo(page, [lon, PLACE[1]]);
        const before = await revision(page);
        await sql(`UPDATE layer.road_segment SET name = '${name}' WHERE feature_id = ${street.id}`);
        if (isHeard) await within(LIVE_MS, 'the page hears of it', async () => (await revision(page)) > before);
        await jumpTo(page, PLACE);
        await within(LIVE_MS, `the street is ${name}`, () => isNamed(page, street.id, name));
      }
      await rename(page, street, street.name);
    },
  },

  'while the stream is away the page asks now and then, and it is told again when the stream is back': {
    hash: STREETS,
    before: (page) => page.route('**/live/events*', (route) => route.abort()),
    mayFail: /live\/events|ERR_FAILED/,
    async run({ page }) {
      const street = await streetInTheMiddle(page);
      const name = newName();
      await sql(`UPDATE layer.road_segment SET name = '${name}' WHERE feature_id = ${street.id}`);
      await within(POLL_MS, 'the street is asked for', () => isNamed(page, street.id, name));
      const opened = page.waitForResponse((response) => response.url().includes('/live/events'), { timeout: 60_000 });
      await page.unroute('**/live/events*');
      await opened;
      await rename(page, street, street.name);
    },
  },

  'a tab that nobody sees holds no stream, and is up to date when it is seen again': {
    hash: STREETS,
    async run({ page }) {
      await untilLive(page);
      const street = await streetInTheMiddle(page);
      const ended = page.waitForEvent('requestfailed', (request) => request.url().includes('/live/events'));
      await setHidden(page, true);
      await ended;
      const name = newName();
      await sql(`UPDATE layer.road_segment SET name = '${name}' WHERE feature_id = ${street.id}`);
      await setHidden(page, false);
      await within(LIVE_MS, 'the street is new', () => isNamed(page, street.id, name));
      await rename(page, street, street.name);
    },
  },

  'the stream is asked for with the key in a header, and ends and begins anew with what is shown': {
    hash: `${STREETS}&key=${key}`,
    async run({ page }) {
      await untilLive(page);
      const again = page.waitForRequest((request) => request.url().includes('/live/events'));
      await page.check('#layer-switch-camera');
      const request = await again;
      assert.equal(request.headers()['authorization'], `Bearer ${key}`);
      const url = new URL(request.url());
      assert.ok(!url.href.includes(key));
      assert.ok(url.searchParams.get('layers').split(',').includes('camera'), url.search);
      const [west, south, east, north] = url.searchParams.get('bbox').split(',').map(Number);
      assert.ok(west < PLACE[0] && PLACE[0] < east && south < PLACE[1] && PLACE[1] < north, url.search);
      await page.waitForFunction(() => window.urbisMap.getStyle().layers.some((layer) => layer['source-layer'] === 'camera'));
      await request.response();
      const id = Number(
        await sql(
          `INSERT INTO layer.camera (geom) VALUES (ST_Transform(ST_SetSRID(ST_MakePoint(${PLACE}), 4326), Find_SRID('layer', 'camera', 'geom'))) RETURNING feature_id`,
        ),
      );
      const has = () => page.evaluate((id) => Object.keys(window.urbisMap.getStyle().sources).some((source) => window.urbisMap.querySourceFeatures(source, { sourceLayer: 'camera' }).some((feature) => feature.id === id)), id);
      await within(LIVE_MS, 'the camera is there', has);
      await sql(`DELETE FROM layer.camera WHERE feature_id = ${id}`);
      await within(LIVE_MS, 'the camera is gone', async () => !(await has()));
    },
  },
};

/** The revision that the page tells of. */
async function revision(page) {
  return Number((await page.innerText('#status')).match(/\d+/)[0]);
}

/** A named street under the middle of the map. */
async function streetInTheMiddle(page) {
  const streets = await page.evaluate((place) => {
    const { x, y } = window.urbisMap.project(place);
    return window.urbisMap
      .queryRenderedFeatures([[x - 100, y - 100], [x + 100, y + 100]])
      .filter(({ sourceLayer, properties, id }) => sourceLayer === 'road_segment' && properties.name && id !== undefined)
      .map(({ id, properties }) => ({ id, name: properties.name }));
  }, PLACE);
  assert.ok(streets.length > 0, 'there is a street with a name');
  return streets[0];
}

/** A name that no street has had. */
function newName() {
  return `Đường Thử ${Date.now()}`;
}

/** Whether every tile on the map that holds a street has this name for it. */
function isNamed(page, id, name) {
  return page.evaluate(
    ([wanted, name]) => {
      const tiles = window.urbisMap.querySourceFeatures('traffic', { sourceLayer: 'road_segment' });
      const parts = tiles.filter((feature) => feature.id === wanted);
      return parts.length > 0 && parts.every(({ properties }) => properties.name === name);
    },
    [id, name],
  );
}

/** Gives a street another name and waits until the map has it. */
async function rename(page, { id }, name) {
  await sql(`UPDATE layer.road_segment SET name = '${name.replaceAll("'", "''")}' WHERE feature_id = ${id}`);
  await within(LIVE_MS, `the street is ${name}`, () => isNamed(page, id, name));
}

/** Notes the tiles that are asked for; the answer waits until the map rests. */
function noteTiles(page) {
  const paths = [];
  const note = (request) => {
    const { pathname } = new URL(request.url());
    if (/^\/tiles\/[^/]+\/\d+\/\d+\/\d+/.test(pathname)) paths.push(pathname);
  };
  page.on('request', note);
  return async () => {
    await waitForIdle(page);
    page.off('request', note);
    return paths;
  };
}

async function jumpTo(page, center) {
  await page.evaluate((place) => window.urbisMap.jumpTo({ center: place }), center);
  await waitForIdle(page);
}

/** Has the page believe that its tab is, or is not, in front. */
function setHidden(page, isHidden) {
  return page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, isHidden);
}
