// The styles against the MapLibre style specification and against the layers.
//
//   node tests/browser/style.mjs
//
// A style may only name source layers and attributes that `layers/` puts into tiles, icons that
// `web/sprites/` draws and font stacks that the build makes; and the styles of one city draw the
// same things in the same order, so that they differ in colours alone.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { validateStyleMin } = await import(require.resolve('@maplibre/maplibre-gl-style-spec'));
const { parse } = await import(require.resolve('smol-toml'));

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Expressions whose first operand is the name of an attribute. */
const ATTRIBUTE_OPERATORS = ['get', 'has', 'to-number', '!has'];

const layers = new Map(
  read('layers', '.toml').map(([id, text]) => [id, parse(text)]),
);
const styles = read('styles', '.json').map(([id, text]) => [id, JSON.parse(text)]);
const icons = readdirSync(join(root, 'web/sprites')).map((name) => name.replace(/\.svg$/, ''));
const build = readFileSync(join(root, 'web/build.mjs'), 'utf8');

let passed = 0;
let failed = 0;

check('there is a style', () => assert.ok(styles.length > 0));
for (const [id, style] of styles) {
  check(`styles/${id}.json obeys the style specification`, () => {
    const faults = validateStyleMin(style).map((fault) => fault.message);
    assert.deepEqual(faults, []);
  });
  check(`styles/${id}.json asks only the server that serves it`, () => {
    const addresses = [style.glyphs, style.sprite, ...Object.values(style.sources).map((source) => source.url)];
    for (const address of addresses) assert.match(address, /^\{base\}\//);
  });
  check(`styles/${id}.json names only layers that its sources hold`, () => {
    for (const layer of style.layers.filter((candidate) => candidate['source-layer'])) {
      const held = style.sources[layer.source].url.replace('{base}/tiles/', '').split(',');
      assert.ok(held.includes(layer['source-layer']), `${layer.id}: ${layer['source-layer']} is not in ${held}`);
      assert.ok(layers.has(layer['source-layer']), `${layer.id}: no layers/${layer['source-layer']}.toml`);
    }
  });
  check(`styles/${id}.json names only attributes that are in tiles, with values that exist`, () => {
    for (const layer of style.layers.filter((candidate) => candidate['source-layer'])) {
      const definition = layers.get(layer['source-layer']);
      for (const attribute of attributesOf([layer.filter, layer.layout, layer.paint])) {
        const inTiles = definition.tiles.attributes.includes(attribute);
        assert.ok(inTiles, `${layer.id}: '${attribute}' is not among ${definition.tiles.attributes}`);
      }
      for (const [attribute, value] of matchedValues([layer.filter, layer.layout, layer.paint])) {
        const { values } = definition.attributes.find((candidate) => candidate.name === attribute);
        assert.ok(value in values, `${layer.id}: '${attribute}' has no value '${value}'`);
      }
    }
  });
  check(`styles/${id}.json names only icons and fonts of our own`, () => {
    for (const { id: layer, layout = {} } of style.layers) {
      if (layout['icon-image']) assert.ok(icons.includes(layout['icon-image']), `${layer}: ${layout['icon-image']}`);
      for (const font of layout['text-font'] ?? []) assert.ok(build.includes(`'${font}'`), `${layer}: ${font}`);
    }
  });
}
check('the light and the dark style differ in colours alone', () => {
  const [light, dark] = ['danang', 'danang_dark'].map((id) => styles.find(([known]) => known === id)?.[1]);
  assert.deepEqual(withoutColours(dark.layers), withoutColours(light.layers));
  assert.deepEqual(dark.sources, light.sources);
});

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

function check(title, run) {
  try {
    run();
    passed += 1;
    console.log(`ok   ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${title}\n     ${String(error.message).replaceAll('\n', '\n     ')}`);
  }
}

/** Files of a folder by id, in order. */
function read(folder, extension) {
  return readdirSync(join(root, folder))
    .filter((name) => name.endsWith(extension))
    .sort()
    .map((name) => [name.slice(0, -extension.length), readFileSync(join(root, folder, name), 'utf8')]);
}

/** Names of all attributes that expressions read. */
function attributesOf(expression) {
  const names = new Set();
  visit(expression, ([operator, operand]) => {
    if (ATTRIBUTE_OPERATORS.includes(operator) && typeof operand === 'string') names.add(operand);
  });
  return names;
}

/** Attribute and value of each label that a `match` on an attribute names. */
function matchedValues(expression) {
  const pairs = [];
  visit(expression, ([operator, input, ...arms]) => {
    if (operator !== 'match' || input?.[0] !== 'get') return;
    for (let arm = 0; arm + 1 < arms.length; arm += 2) {
      for (const value of [arms[arm]].flat()) pairs.push([input[1], value]);
    }
  });
  return pairs;
}

/** Calls `see` with each array in a tree of arrays and objects. */
function visit(tree, see) {
  if (tree === null || typeof tree !== 'object') return;
  if (Array.isArray(tree)) see(tree);
  for (const child of Object.values(tree)) visit(child, see);
}

/** The same tree with every colour replaced by one word. */
function withoutColours(tree) {
  return JSON.parse(JSON.stringify(tree).replace(/#[0-9a-f]{3,8}\b/gi, 'colour'));
}
