// Which class of request may see an icon: the lowest of those that may see anything drawn with it.
//
// Users are codes of the layers that name an icon, and style layers that name one literally.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'smol-toml';

/** Classes of a request, from what everybody sees upwards. */
export const CLASSES = ['open', 'internal', 'restricted'];

/** Properties of style layers that name icons. */
const ICON_PROPERTIES = ['icon-image', 'fill-pattern', 'line-pattern', 'background-pattern'];

/**
 * Rank in [`CLASSES`] by icon id, from the layers' TOML files and the style templates. An icon that
 * nobody names is not in it.
 */
export async function iconClasses(layersFolder, stylesFolder) {
  const layers = new Map((await read(layersFolder, '.toml')).map(([id, text]) => [id, parse(text)]));
  const classes = new Map();
  const note = (icon, rank) => classes.set(icon, Math.min(rank, classes.get(icon) ?? rank));
  for (const layer of layers.values()) {
    for (const [icon, rank] of codeIcons(layer)) note(icon, rank);
  }
  for (const [, text] of await read(stylesFolder, '.json')) {
    for (const entry of JSON.parse(text).layers) {
      const rank = literalRank(layers.get(entry['source-layer']), entry);
      for (const icon of literalIcons(entry)) note(icon, rank);
    }
  }
  return classes;
}

/** Icon and rank of each code of a layer that has an icon. */
function codeIcons(layer) {
  return (layer.attributes ?? []).flatMap((attribute) =>
    Object.entries(attribute.values ?? {})
      .filter(([, value]) => value.icon)
      .map(([code, value]) => {
        const byFeature = layer.openness_by?.attribute === attribute.name ? layer.openness_by.levels[code] : undefined;
        return [value.icon, Math.max(...[layer.openness, attribute.openness, byFeature].map(rankOf))];
      }),
  );
}

/**
 * Rank of the icons that a style layer names itself. Where it reads the attribute that tells who may see a feature,
 * they may be those of a hidden code: then only who may see every code has them.
 */
function literalRank(layer, entry) {
  const rule = layer?.openness_by;
  const rank = rankOf(layer?.openness);
  const reads = rule && [entry.filter, entry.layout, entry.paint].some((part) => names(part, rule.attribute));
  return reads ? Math.max(rank, ...Object.values(rule.levels).map(rankOf)) : rank;
}

/** Whether a text in it is the attribute's name, or has it in braces. */
function names(value, attribute) {
  if (typeof value === 'string') return value === attribute || value.includes(`{${attribute}}`);
  return value !== null && typeof value === 'object' && Object.values(value).some((part) => names(part, attribute));
}

/** Icons that a style layer names itself, not through a code list. */
function literalIcons(entry) {
  const parts = { ...entry.layout, ...entry.paint };
  return ICON_PROPERTIES.flatMap((property) => texts(parts[property])).filter((text) => !text.startsWith('{'));
}

/** Texts that an expression may give. */
function texts(value) {
  if (typeof value === 'string') return [value];
  if (!Array.isArray(value)) return [];
  const [operator, , ...rest] = value;
  if (operator === 'get') return [];
  // The labels of a match are codes, and a code may be called as an icon is.
  if (operator === 'match') return rest.filter((_, n) => n % 2 === 1 || n === rest.length - 1).flatMap(texts);
  return value.slice(1).flatMap(texts);
}

function rankOf(openness) {
  return openness === undefined ? 0 : CLASSES.indexOf(openness);
}

/** Id and text of each file of a folder. */
async function read(folder, extension) {
  const names = (await readdir(folder)).filter((name) => name.endsWith(extension)).sort();
  return Promise.all(
    names.map(async (name) => [name.slice(0, -extension.length), await readFile(join(folder, name), 'utf8')]),
  );
}
