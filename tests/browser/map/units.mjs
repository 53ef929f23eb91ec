// Units and incidents: what reports of units and closures of roads do to a page that is open. The
// checks report units of their own, so that no simulated fleet is needed, and put them out of service.

import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { waitForIdle } from '../browser.mjs';
import { base, clickAt, expectAccessible, key, PHONE } from './looks.mjs';
import { sql, untilLive, within } from './waiting.mjs';

/** The middle of Hải Châu: streets that meet, on both sides of the incident. */
const MIDDLE = [108.2185, 16.0625];
const HERE = `#map=15/${MIDDLE[1]}/${MIDDLE[0]}`;

/** From a report or a commit to the screen: software rendering on a busy machine included. */
const SEEN_MS = 4_000;

/** Degrees that a drawn place may differ from the one that was reported. */
const EXACT = 1e-6;

/** Checks by what they prove. */
export const units = {
  'a unit that reports is on the map without a reload, moves when it moves, and says that it is simulated': {
    hash: HERE,
    async run({ page }) {
      await untilLive(page);
      const unit = await report('walker', [MIDDLE, 'available']);
      await within(SEEN_MS, 'the unit is there', () => isDrawnAt(page, unit, MIDDLE));
      await within(SEEN_MS, 'its symbol is on the canvas', () => hasPixels(page, unit));
      assert.match(await page.innerText('#units'), /mô phỏng/);
      const next = [MIDDLE[0] + 0.0004, MIDDLE[1]];
      await report('walker', [next, 'en_route'], { heading_deg: 90, speed_kmh: 30 });
      await within(SEEN_MS, 'the unit has moved', () => isDrawnAt(page, unit, next));
      await clickUnit(page, unit);
      await page.waitForSelector('#unit:not([hidden])');
      const words = await page.innerText('#unit');
      for (const word of ['Thử walker', 'mô phỏng', 'đang tới hiện trường', '115', '30']) assert.ok(words.includes(word), `${word}: ${words}`);
      await report('walker', [next, 'on_scene']);
      await within(SEEN_MS, 'the open sheet follows', async () => (await page.innerText('#unit')).includes('ở hiện trường'));
      await page.keyboard.press('Escape');
      await page.waitForSelector('#unit', { state: 'hidden' });
      await retire(unit);
    },
  },

  'a unit glides from fix to fix, the page draws nothing while all stand, and who wants no motion gets none': {
    hash: HERE,
    options: { reducedMotion: 'no-preference' },
    async run({ page }) {
      await untilLive(page);
      const unit = await report('glider', [MIDDLE, 'available']);
      await within(SEEN_MS, 'the unit is there', () => isDrawnAt(page, unit, MIDDLE));
      const next = [MIDDLE[0] + 0.0006, MIDDLE[1]];
      const between = async () => {
        await watch(page, unit);
        await report('glider', [next, 'en_route'], { speed_kmh: 60 });
        await within(SEEN_MS, 'the unit has arrived', () => isDrawnAt(page, unit, next));
        return (await page.evaluate(() => window.seenAt)).filter((lon) => lon > MIDDLE[0] + EXACT && lon < next[0] - EXACT);
      };
      const seen = await between();
      assert.ok(new Set(seen).size >= 3, `places on the way: ${seen}`);
      assert.deepEqual(seen, [...seen].sort(), 'it never goes back');
      await waitForIdle(page);
      assert.ok((await framesIn(page, 1_000)) <= 3, 'a still page draws nothing');
      await report('glider', [MIDDLE, 'available']);
      await within(SEEN_MS, 'the unit is back', () => isDrawnAt(page, unit, MIDDLE));
      await page.emulateMedia({ reducedMotion: 'reduce' });
      assert.deepEqual(await between(), [], 'no place on the way');
      await retire(unit);
    },
  },

  'a unit that falls silent looks old though nothing else happens': {
    hash: HERE,
    async run({ page }) {
      await untilLive(page);
      const unit = await report('silent', [MIDDLE, 'available']);
      await within(SEEN_MS, 'the unit is there', () => isDrawnAt(page, unit, MIDDLE));
      await within(SEEN_MS, 'it is drawn', () => hasPixels(page, unit));
      await waitForIdle(page);
      assert.ok(!(await isHollow(page, unit)), 'it is full while it is new');
      // A minute goes by on the page's clock; nothing is said and nothing moves.
      await page.evaluate(() => {
        const now = performance.now.bind(performance);
        performance.now = () => now() + 60_000;
      });
      await within(SEEN_MS, 'it is hollow', () => isHollow(page, unit));
      await retire(unit);
    },
  },

  'a road that is closed in psql changes the order in the open panel, with arrows and a reason in both languages': {
    hash: HERE,
    async run({ page }) {
      await untilLive(page);
      const scene = await stageScene();
      await openIncident(page, scene.incident);
      const order = () => page.locator('#incident-candidates > li button').evaluateAll((rows) => rows.map(({ dataset }) => dataset.unit));
      await within(SEEN_MS, 'the near one is first', async () => (await order())[0] === scene.near);
      assert.equal(await page.isVisible('#incident-fallback'), false);
      await within(SEEN_MS, 'its way is drawn', async () => (await drawnRoute(page)) > 2);
      const id = await closeRoad(scene.onlyNear);
      try {
        await within(SEEN_MS, 'the far one is first', async () => (await order())[0] === scene.far);
        assert.match(await page.innerText(`#candidate-${scene.far} .rank-change`), /▲1/);
        assert.match(await page.textContent('#incident-told'), /Đã đổi: nay Thử far-\d+ tới trước/);
        const told = await reasonOf(scene.incident, scene.near);
        assert.ok(['cut_off', 'slower_because'].includes(told.reason.kind), JSON.stringify(told));
        const row = `:is(#candidate-${scene.near}, #rejected-${scene.near})`;
        const said = () => page.locator(`li:has(${row}) .why`).innerText();
        await within(SEEN_MS, 'the reason is there', async () => (await said()).includes('Đường Thử Ngập'));
        await page.click('#languages button[lang=en]');
        assert.match(await page.innerText('#incident'), /Who gets there first/);
        assert.ok((await said()).includes('Đường Thử Ngập'), await said());
        assert.ok((await said()).startsWith(await english(scene)), `${await said()}: ${await english(scene)}`);
        await page.click('#languages button[lang=vi]');
      } finally {
        await sql(`DELETE FROM layer.road_closure WHERE feature_id = ${id}`);
      }
      await within(SEEN_MS, 'the near one is first again', async () => (await order())[0] === scene.near);
      await page.click('#incident-close');
      assert.equal(await page.evaluate(() => window.urbisMap.getSource('marks')), undefined, 'the marks are gone');
      await retire(scene.near, scene.far);
    },
  },

  'a nearer unit that may not go is listed with the reason, in the words of the server': {
    hash: HERE,
    async run({ page }) {
      await untilLive(page);
      const scene = await stageScene();
      const busy = await report(`busy-${scenes}`, [scene.incident, 'on_scene']);
      await openIncident(page, scene.incident);
      const row = page.locator(`#rejected-${busy}`);
      await row.waitFor();
      assert.equal(await row.getAttribute('data-reason'), 'unavailable');
      const { rejected } = await ask(scene.incident);
      const told = rejected.find(({ unit_id: id }) => id === busy);
      assert.ok((await row.innerText()).includes(told.sentence.vi), `${await row.innerText()}: ${told.sentence.vi}`);
      await page.click('#languages button[lang=en]');
      assert.ok((await row.innerText()).includes(told.sentence.en), `${await row.innerText()}: ${told.sentence.en}`);
      await page.click('#languages button[lang=vi]');
      assert.match(await page.innerText('#incident-basis'), /phiên bản.*đợt/s);
      await page.click('#incident-service-114');
      await within(SEEN_MS, 'ambulances are no fire engines', async () => (await page.locator(`#candidate-${scene.near}`).count()) === 0);
      await retire(scene.near, scene.far, busy);
    },
  },

  'the incident tool works by the keyboard, and Escape leaves it': {
    hash: HERE,
    async run({ page }) {
      await untilLive(page);
      const scene = await stageScene();
      await page.focus('.maplibregl-canvas');
      await page.keyboard.press('i');
      await page.waitForFunction(() => document.activeElement.id === 'incident-title');
      await page.focus('.maplibregl-canvas');
      await page.keyboard.press('Enter');
      await page.waitForSelector('#incident-candidates button');
      await page.focus('#incident-candidates li:nth-child(2) button');
      const focused = await page.evaluate(() => document.activeElement.id);
      await within(3_000, 'another way is drawn', async () => (await routesDrawn(page)).includes('other'));
      await page.waitForResponse((response) => response.url().includes('/dispatch/candidates'), { timeout: 10_000 });
      await waitForIdle(page);
      assert.equal(await page.evaluate(() => document.activeElement.id), focused, 'the keyboard stays where it was');
      await page.keyboard.press('Escape');
      await page.waitForSelector('#incident', { state: 'hidden' });
      await retire(scene.near, scene.far);
    },
  },

  'on a phone a finger that rests on the map opens the panel for that place': {
    hash: HERE,
    options: PHONE,
    async run({ page }) {
      await untilLive(page);
      const scene = await stageScene();
      const client = await page.context().newCDPSession(page);
      const points = [{ x: 160, y: 330 }];
      await client.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: points });
      await page.waitForSelector('#incident:not([hidden])');
      await client.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
      await page.waitForSelector('#incident-candidates button');
      const card = await page.locator('#incident').boundingBox();
      assert.equal(Math.round(card.width), 390);
      const wide = await page.evaluate(() => [document.documentElement.scrollWidth - window.innerWidth, document.querySelector('#incident-body').scrollWidth - document.querySelector('#incident-body').clientWidth]);
      assert.deepEqual(wide, [0, 0], 'nothing is wider than the screen');
      await retire(scene.near, scene.far);
    },
  },

  'units, their legend and the panel meet WCAG 2.2 AA as far as axe can tell, light and dark': {
    hash: HERE,
    async run({ page }) {
      await untilLive(page);
      const scene = await stageScene();
      const busy = await report(`busy-${scenes}`, [scene.incident, 'on_scene']);
      await within(SEEN_MS, 'the unit is there', () => isDrawnAt(page, busy, scene.incident));
      await expectAccessible(page, {
        'the panel': [() => openIncident(page, scene.incident), () => page.click('#incident-close')],
        'the sheet of a unit': [() => clickUnit(page, busy), () => page.click('#unit-close')],
        'the legend': [() => page.click('#units-legend'), () => page.keyboard.press('Escape')],
      });
      await retire(scene.near, scene.far, busy);
    },
  },
};

/** The clocks of the units: a unit that is elsewhere in no time would be held back as a jump. */
const clocks = new Map();
const CLOCK_STARTS_MS = -40_000;
const CLOCK_STEP_MS = 5_000;

/** When a unit says that it was where it is: a few seconds after its last report. */
function nextMoment(unit) {
  const last = clocks.get(unit);
  const moment = last === undefined && unit.startsWith('check-') ? Date.now() + CLOCK_STARTS_MS : Math.min((last ?? Date.now()) + CLOCK_STEP_MS, Date.now());
  clocks.set(unit, moment);
  return new Date(moment).toISOString();
}

/** Units of this run alone: those of another are at sea, from where none comes in no time. */
const RUN = Date.now().toString(36);

function idOf(name) {
  return `check-${RUN}-${name}`;
}

/** Reports an ambulance of these checks; gives its id. */
async function report(name, [[lon, lat], status], more = {}) {
  const unit = { title: `Thử ${name}`, agency: '115', profile: 'ambulance', capabilities: [], simulated: true };
  await post({ unit_id: idOf(name), lon, lat, accuracy_m: 5, status, unit, ...more });
  return idOf(name);
}

async function post(said) {
  const line = { id: randomUUID(), observed_at: nextMoment(said.unit_id), ...said };
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const answer = await fetch(new URL('/live/positions', base), { method: 'POST', headers, body: JSON.stringify(line) });
  assert.equal(answer.status, 200, await answer.text());
}

/** Puts units out of service and to sea, where they are near no incident. */
async function retire(...ids) {
  const [lon, lat] = [MIDDLE[0] + 0.3, MIDDLE[1]];
  for (const id of ids) {
    // The first is a leap, which the second confirms.
    for (const status of ['returning', 'out_of_service']) await post({ unit_id: id, lon, lat, status });
  }
}

/** Puts every simulated ambulance out of service that is on the streets still: of a check before, or of a fleet. */
async function retireAll() {
  const query = new URLSearchParams({ agency: '115', bbox: '107,15.5,108.4,16.5' });
  const { features } = await (await fetch(new URL(`/live/units?${query}`, base))).json();
  await retire(...features.filter(({ properties }) => properties.is_simulated).map(({ id }) => id));
}

/** Asks the server who gets to a place first, as the panel does. */
async function ask([lon, lat]) {
  const query = new URLSearchParams({ lon: lon.toFixed(7), lat: lat.toFixed(7), accuracy_m: '50', limit: '5', service: '115' });
  return (await fetch(new URL(`/dispatch/candidates?${query}`, base))).json();
}

/** Scenes so far: each has units of its own, since one cannot leap from scene to scene. */
// Other units at each run: one that was elsewhere a moment ago would have jumped.
let scenes = Date.now() % 1_000_000;

/**
 * A near and a far ambulance on the streets around an incident, and a part of the near one's way that
 * the far one does not take.
 */
async function stageScene() {
  const incident = MIDDLE;
  await retireAll();
  for (let degrees = 0; degrees < 360; degrees += 30) {
    const beside = (metres, turn) => {
      const angle = ((degrees + turn) * Math.PI) / 180;
      return [incident[0] + (Math.sin(angle) * metres) / 107_000, incident[1] + (Math.cos(angle) * metres) / 110_600];
    };
    scenes += 1;
    const near = await report(`near-${scenes}`, [beside(450, 0), 'available']);
    const far = await report(`far-${scenes}`, [beside(900, 180), 'available']);
    const { candidates } = await ask(incident);
    const [first, second] = candidates;
    const isStaged = first?.unit_id === near && second?.unit_id === far;
    const shared = new Set(isStaged ? second.geometry.coordinates.map(String) : []);
    const way = isStaged ? first.geometry.coordinates : [];
    const meeting = way.findIndex((place) => shared.has(String(place)));
    const onlyNear = way.slice(0, meeting < 0 ? way.length : meeting);
    if (onlyNear.length >= 4 && (await turns(incident, far, onlyNear))) return { incident, near, far, onlyNear };
    await retire(near, far);
  }
  throw new Error('no place for a scene: the two ways are one wherever the units stand');
}

/** Says whether the server has the far unit first while the near one's own way is closed; else the near one has another. */
async function turns(incident, far, line) {
  const firstIs = async (wanted) => {
    for (let tries = 0; tries < 20; tries += 1) {
      const { candidates } = await ask(incident);
      if ((candidates[0]?.unit_id === far) === wanted) return true;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return false;
  };
  const id = await closeRoad(line);
  const turned = await firstIs(true);
  await sql(`DELETE FROM layer.road_closure WHERE feature_id = ${id}`);
  return (await firstIs(false)) && turned;
}

/** Closes a road along a line; gives the feature's id. */
async function closeRoad(line) {
  const text = line.map(([lon, lat]) => `${lon} ${lat}`).join(', ');
  return Number(
    await sql(
      `INSERT INTO layer.road_closure (closure_no, cause, vehicle_impact, road_name, geom) VALUES ('check-${Date.now()}', 'flood', 'all-lanes-closed', 'Đường Thử Ngập', ST_Multi(ST_GeomFromText('LINESTRING(${text})', 4326))) RETURNING feature_id`,
    ),
  );
}

/** Why a unit is not first, as the server says. */
async function reasonOf(incident, unit) {
  const { candidates, rejected } = await ask(incident);
  const candidate = candidates.find(({ unit_id: id }) => id === unit);
  const told = candidate ? candidate.reason : rejected.find(({ unit_id: id }) => id === unit);
  assert.ok(told, `${unit} has a reason`);
  return told;
}

/** The beginning of the English sentence, before what changes with the seconds. */
async function english({ incident, near }) {
  return (await reasonOf(incident, near)).sentence.en.slice(0, 20);
}

/** Opens the incident tool and clicks a place. */
async function openIncident(page, place) {
  await page.click('#tool-incident');
  await page.waitForSelector('#incident:not([hidden])');
  await clickAt(page, place);
  await page.waitForSelector('#incident-candidates button');
}

/** The units that are on the screen. */
function drawn(page) {
  return page.evaluate(() => window.urbisUnits().map(({ unit, place, x, y }) => ({ id: unit.id, place, x, y })));
}

async function isDrawnAt(page, id, [lon, lat]) {
  const found = (await drawn(page)).find((unit) => unit.id === id);
  return found !== undefined && Math.abs(found.place[0] - lon) < EXACT && Math.abs(found.place[1] - lat) < EXACT;
}

/** Whether anything is drawn where a unit is. */
async function hasPixels(page, id) {
  return (await pixelOf(page, id))[3] > 200;
}

/** Whether a unit's symbol is white inside, as that of an old fix is. */
async function isHollow(page, id) {
  return (await pixelOf(page, id)).every((part) => part > 230);
}

/** Red, green, blue and cover of a place in a unit's symbol, beside its letters. */
async function pixelOf(page, id) {
  const { x, y } = (await drawn(page)).find((unit) => unit.id === id);
  return page.evaluate(
    ([left, top]) => {
      const canvas = document.querySelector('.unit-overlay');
      const scale = window.devicePixelRatio;
      // From a copy: a canvas that is read again and again is drawn without the graphics card.
      const copy = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true });
      copy.drawImage(canvas, -Math.round((left + 6) * scale), -Math.round((top + 6) * scale));
      return [...copy.getImageData(0, 0, 1, 1).data];
    },
    [x, y],
  );
}

async function clickUnit(page, id) {
  const { x, y } = (await drawn(page)).find((unit) => unit.id === id);
  await page.mouse.click(x, y);
  await page.waitForSelector('#unit:not([hidden])');
}

/** Notes in every frame where a unit is drawn, in `window.seenAt`. */
function watch(page, id) {
  return page.evaluate((wanted) => {
    window.seenAt = [];
    const seen = window.seenAt;
    const note = () => {
      if (window.seenAt !== seen) return;
      seen.push(...window.urbisUnits().filter(({ unit }) => unit.id === wanted).map(({ place }) => place[0]));
      setTimeout(note, 20);
    };
    note();
  }, id);
}

/** How often the page asks for a frame in so many milliseconds. */
function framesIn(page, ms) {
  return page.evaluate(
    (duration) =>
      new Promise((resolve) => {
        const ask = window.requestAnimationFrame;
        let count = 0;
        window.requestAnimationFrame = (act) => {
          count += 1;
          return ask.call(window, act);
        };
        setTimeout(() => {
          window.requestAnimationFrame = ask;
          resolve(count);
        }, duration);
      }),
    ms,
  );
}

/** Which ways along roads are drawn. */
function routesDrawn(page) {
  return page.evaluate(() => window.urbisMap.querySourceFeatures('marks').map(({ properties }) => properties.route).filter(Boolean));
}

/** How many points the first one's way has. */
function drawnRoute(page) {
  return page.evaluate(() => {
    const lines = window.urbisMap.querySourceFeatures('marks').filter(({ properties }) => properties.route === 'first');
    return lines.flatMap(({ geometry }) => geometry.coordinates.flat(geometry.type === 'LineString' ? 0 : 1)).length;
  });
}
