// The styles that a running server gives, against the MapLibre style specification and against
// what the same server says of its tiles, icons and letters.
//
//   node tests/browser/style.mjs BASE_URL [KEY]
//
// Asked once without a key and, where one is given, once with it: a style may only name what the
// same caller can have.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { createExpression, latest, validateStyleMin } = await import(require.resolve('@maplibre/maplibre-gl-style-spec'));

const [base, key] = process.argv.slice(2);
if (!base) {
  console.error('usage: node tests/browser/style.mjs BASE_URL [KEY]');
  process.exit(2);
}

/** The light style and the dark one. */
const STYLES = ['danang', 'danang_dark'];

/** Colours of style layers that go by codes. */
const COLOUR_PROPERTIES = { fill: 'fill-color', line: 'line-color', circle: 'circle-color' };

/** Properties of style layers that name icons. */
const ICON_PROPERTIES = ['icon-image', 'fill-pattern', 'line-pattern', 'background-pattern'];

/** Expressions whose first operand is the name of an attribute. */
const ATTRIBUTE_OPERATORS = ['get', 'has'];

/** Layers whose names must be drawn letter by letter, and how many of the names are looked at. */
const NAMED_LAYERS = ['admin_unit', 'place_name', 'road_segment', 'water_body'];
const NAMES = 1000;

/** A code point is drawn by the glyph file of this many that holds it. */
const GLYPH_RANGE = 256;

let passed = 0;
let failed = 0;

for (const [caller, headers] of [['everybody', {}], ...(key ? [['a key', { authorization: `Bearer ${key}` }]] : [])]) {
  const ask = askAs(headers);
  for (const id of STYLES) await checkStyle(`${id} for ${caller}`, ask, await ask.json(`/styles/${id}`));
  for (const id of STYLES) {
    const drawn = await ask.json(`/styles/${id}`);
    const names = new Set(drawn.layers.map((layer) => layer['source-layer']).filter(Boolean));
    const forQgis = await ask.json(`/styles/${id}/qgis/${[...names].join(',')}`);
    await checkStyle(`${id} for QGIS and ${caller}`, ask, await ask.json(`/styles/${id}/qgis`));
    await checkStyle(`${id} for QGIS, all of it, and ${caller}`, ask, forQgis);
    await check(`${id} has the same colours in the forms that QGIS reads, for ${caller}`, () => checkColours(drawn, forQgis));
  }
  await check(`the light and the dark style differ in colours alone, for ${caller}`, async () => {
    const [light, dark] = await Promise.all(STYLES.map((id) => ask.json(`/styles/${id}`)));
    assert.deepEqual(withoutColours(dark.layers), withoutColours(light.layers));
    assert.deepEqual(dark.sources, light.sources);
  });
}

console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Reckons every colour by a code in both styles, for each code and for one that is none. */
function checkColours(drawn, forQgis) {
  const layersForQgis = new Map(forQgis.layers.map((layer) => [layer.id, layer]));
  let codes = 0;
  for (const layer of drawn.layers) {
    const property = COLOUR_PROPERTIES[layer.type];
    const wanted = layer.paint?.[property];
    if (!Array.isArray(wanted) || wanted[0] !== 'match') continue;
    const found = layersForQgis.get(layer.id).paint[property];
    const spec = latest[`paint_${layer.type}`][property];
    const colour = (expression, code) => {
      const feature = { type: 3, properties: code === null ? {} : { [found[1][1]]: code } };
      return createExpression(expression, spec).value.evaluate({ zoom: 14 }, feature).toString();
    };
    for (const code of [...found.slice(2, -1).filter(Array.isArray).flat(), 'no code', null]) {
      assert.equal(colour(found, code), colour(wanted, code), `${layer.id}: ${code}`);
      codes += 1;
    }
  }
  assert.ok(codes > 100, `${codes} codes`);
}

async function checkStyle(title, ask, style) {
  await check(`${title} obeys the style specification`, () => {
    assert.deepEqual(validateStyleMin(style).map((fault) => fault.message), []);
    assert.ok(style.layers.length > 0);
  });
  await check(`${title} asks only the server that gave it, and has nothing left to fill in`, () => {
    const addresses = [style.glyphs, style.sprite, ...Object.values(style.sources).map((source) => source.url)];
    for (const address of addresses) assert.ok(address.startsWith(base.replace(/\/$/, '')), address);
    const unfilled = JSON.stringify(style.layers).match(/"\{[^"]*\}"/g) ?? [];
    assert.deepEqual(unfilled, []);
  });
  await check(`${title} names only layers and attributes of the tiles that its sources lead to`, async () => {
    const sources = new Map();
    for (const [id, source] of Object.entries(style.sources)) {
      const { vector_layers: layers } = await ask.json(source.url);
      sources.set(id, new Map(layers.map((layer) => [layer.id, layer.fields])));
    }
    for (const layer of style.layers.filter((candidate) => candidate['source-layer'])) {
      const fields = sources.get(layer.source).get(layer['source-layer']);
      assert.ok(fields, `${layer.id}: ${layer['source-layer']} is not in the tiles of ${layer.source}`);
      for (const attribute of attributesOf([layer.filter, layer.layout, layer.paint])) {
        assert.ok(attribute in fields, `${layer.id}: '${attribute}' is not in the tiles`);
      }
    }
  });
  await check(`${title} names only icons that are in the sheet of the same caller`, async () => {
    const icons = new Set(style.layers.flatMap(iconsOf));
    assert.ok(icons.size > 0);
    for (const ratio of ['', '@2x']) {
      const index = await ask.json(`${style.sprite}${ratio}.json`);
      const { width, height } = pngSize(await ask.bytes(`${style.sprite}${ratio}.png`));
      for (const icon of icons) {
        const place = index[icon];
        assert.ok(place, `'${icon}' is not in the sheet`);
        assert.ok(place.x + place.width <= width && place.y + place.height <= height, `'${icon}' is off the sheet`);
      }
    }
  });
  await check(`${title} has a glyph for every letter of titles and names`, async () => {
    const letters = new Set((await wordsFor(ask)).flatMap((word) => [...word]));
    const fonts = new Set(style.layers.flatMap((layer) => layer.layout?.['text-font'] ?? []));
    assert.ok(letters.has('ẵ') && fonts.size > 0, 'the words hold Vietnamese letters');
    for (const font of fonts) {
      const starts = new Set([...letters].map((letter) => rangeOf(letter)));
      const glyphs = new Set();
      for (const start of starts) {
        const range = `${start}-${start + GLYPH_RANGE - 1}`;
        const address = style.glyphs.replace('{fontstack}', encodeURIComponent(font)).replace('{range}', range);
        for (const id of glyphIds(await ask.bytes(address))) glyphs.add(id);
      }
      const lost = [...letters].filter((letter) => !glyphs.has(letter.codePointAt(0)));
      assert.deepEqual(lost, [], `letters without a glyph in ${font}`);
    }
  });
}

async function check(title, run) {
  try {
    await run();
    passed += 1;
    console.log(`ok   ${title}`);
  } catch (error) {
    failed += 1;
    console.log(`FAIL ${title}\n     ${String(error.message).replaceAll('\n', '\n     ')}`);
  }
}

/** Asks the server as one caller; an answer that is no success is an error. */
function askAs(headers) {
  const ask = async (path) => {
    const answer = await fetch(new URL(path, base), { headers });
    if (!answer.ok) throw new Error(`${answer.status} ${path}`);
    return answer;
  };
  return {
    json: async (path) => (await ask(path)).json(),
    bytes: async (path) => new Uint8Array(await (await ask(path)).arrayBuffer()),
  };
}

/** Vietnamese titles of the catalogue and names of features around the middle of the city. */
async function wordsFor(ask) {
  const { city, layers } = await ask.json('/layers');
  const codes = (attribute) => Object.values(attribute.values ?? {}).map((value) => value.vi);
  const titles = layers.flatMap((layer) => [
    layer.title.vi,
    ...layer.attributes.flatMap((attribute) => [attribute.title.vi, ...codes(attribute)]),
  ]);
  const [lon, lat] = city.view.center;
  const names = [];
  for (const { id } of layers.filter((layer) => NAMED_LAYERS.includes(layer.id))) {
    const { features } = await ask.json(`/nearest/${id}?lon=${lon}&lat=${lat}&limit=${NAMES}`);
    names.push(...features.map((feature) => feature.properties.name));
  }
  return [city.title.vi, ...titles, ...names].filter((word) => typeof word === 'string');
}

/** Names of all attributes that expressions read. */
function attributesOf(expression) {
  const names = new Set();
  visit(expression, ([operator, operand]) => {
    if (ATTRIBUTE_OPERATORS.includes(operator) && typeof operand === 'string') names.add(operand);
  });
  return names;
}

/** Calls `see` with each array in a tree of arrays and objects. */
function visit(tree, see) {
  if (tree === null || typeof tree !== 'object') return;
  if (Array.isArray(tree)) see(tree);
  for (const child of Object.values(tree)) visit(child, see);
}

/** Icons that a style layer may ask for. */
function iconsOf(layer) {
  const parts = { ...layer.layout, ...layer.paint };
  return ICON_PROPERTIES.flatMap((property) => outcomes(parts[property]));
}

/** Texts that an expression may give; labels of a `match` are none. */
function outcomes(value) {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value) || value[0] === 'get') return [];
  const [operator, , ...rest] = value;
  if (operator !== 'match') return value.slice(1).flatMap(outcomes);
  return rest.filter((_, n) => n % 2 === 1 || n === rest.length - 1).flatMap(outcomes);
}

/** The same tree with every colour replaced by one word, and without opacities: they are part of a tint. */
function withoutColours(tree) {
  const text = JSON.stringify(tree, (name, value) => (name.endsWith('-opacity') ? undefined : value));
  return JSON.parse(text.replace(/#[0-9a-f]{3,8}\b/gi, 'colour'));
}

function rangeOf(letter) {
  const code = letter.codePointAt(0);
  return code - (code % GLYPH_RANGE);
}

/** Width and height in pixels, from a PNG's header. */
function pngSize(bytes) {
  const view = new DataView(bytes.buffer);
  return { width: view.getUint32(16), height: view.getUint32(20) };
}

/** Code points of a glyph file: stacks = field 1, their glyphs = field 3, a glyph's id = field 1. */
function glyphIds(bytes) {
  const glyphs = fieldsOf(bytes, 1).flatMap((stack) => fieldsOf(stack, 3));
  return glyphs.map((glyph) => fieldsOf(glyph, 1)[0]);
}

/** Values of one field of a protobuf message: numbers, or the bytes of what has a length. */
function fieldsOf(bytes, wanted) {
  const found = [];
  let at = 0;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = number();
    const [field, kind] = [tag >>> 3, tag & 7];
    let value = number();
    if (kind === 2) {
      const end = at + value;
      value = bytes.subarray(at, end);
      at = end;
    }
    if (field === wanted) found.push(value);
  }
  return found;
}
