// The map page in a real browser, against a running server.
//
//   node tests/browser/map.mjs http://127.0.0.1:8080 OPERATOR_KEY DATABASE_URL [PART_OF_A_TITLE]
//
// Every check is a sentence; each starts from a fresh page, and each ends by asserting that the
// page reported no fault and asked nobody but the server. Some edit the server's database and put it
// back. Pictures go to target/. The checks are in
// map/, a topic a file.

import assert from 'node:assert/strict';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { launch, openPage, waitForIdle } from './browser.mjs';
import { address } from './map/address.mjs';
import { drawing } from './map/drawing.mjs';
import { fit } from './map/fit.mjs';
import { layers } from './map/layers.mjs';
import { live } from './map/live.mjs';
import { search } from './map/search.mjs';
import { sheet } from './map/sheet.mjs';
import { tools } from './map/tools.mjs';
import { units } from './map/units.mjs';
import { base, database, key, only, target } from './map/looks.mjs';

if (!base || !key || !database) {
  console.error('usage: node tests/browser/map.mjs BASE_URL OPERATOR_KEY DATABASE_URL [PART_OF_A_TITLE]');
  process.exit(2);
}

const checks = { ...drawing, ...layers, ...sheet, ...tools, ...search, ...address, ...fit, ...live, ...units };

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
