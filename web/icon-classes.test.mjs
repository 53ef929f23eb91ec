// Proves that an icon which could tell of a hidden code is in no sheet below that code.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CLASSES, iconClasses } from './icon-classes.mjs';

const PLACE = `
openness_by = { attribute = "kind", levels = { depot = "restricted" } }
[[attributes]]
name = "kind"
values = { shop = { icon = "shop" }, depot = { icon = "box" } }
`;

/** Class of each icon that the style layers of a layer of places name. */
async function classesOf(entries) {
  const folder = await mkdtemp(join(tmpdir(), 'urbis-icons-'));
  try {
    await writeFile(join(folder, 'place.toml'), PLACE);
    const layers = entries.map((entry) => ({ 'source-layer': 'place', ...entry }));
    await writeFile(join(folder, 'style.json'), JSON.stringify({ layers }));
    const classes = await iconClasses(folder, folder);
    return Object.fromEntries([...classes].map(([icon, rank]) => [icon, CLASSES[rank]]));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('an icon that depends on who may see a feature is for those who see every feature', async () => {
  const icon = (value) => ({ layout: { 'icon-image': value } });
  const found = await classesOf([
    icon(['match', ['get', 'kind'], 'depot', 'branch', 'fallback']),
    icon(['case', ['==', ['let', 'k', ['get', 'kind'], ['var', 'k']], 'depot'], 'case', '']),
    { filter: ['==', 'kind', 'depot'], paint: { 'fill-pattern': 'filtered' } },
    { filter: ['has', 'name'], ...icon('plain') },
    { ...icon('text'), paint: { 'text-color': ['to-color', '{kind}'] } },
  ]);
  for (const hidden of ['box', 'branch', 'fallback', 'case', 'filtered', 'text']) {
    assert.equal(found[hidden], 'restricted', hidden);
  }
  for (const open of ['shop', 'plain']) assert.equal(found[open], 'open', open);
});

test('an icon that is drawn elsewhere for everybody is for everybody', async () => {
  const layout = { 'icon-image': 'shared' };
  const found = await classesOf([{ filter: ['==', 'kind', 'depot'], layout }, { layout }]);
  assert.equal(found.shared, 'open');
});
