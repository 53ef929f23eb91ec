// The legend: what a layer's code values look like on the map.
//
// In: a style and a layer of the catalogue. Out: swatches, values that look alike together. Where
// the code list has colours or icons of its own, they are what the style draws; otherwise the style
// itself is read.
// An expression that is not understood leaves the value out of the legend rather than show a wrong
// colour.

import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Attribute, Layer } from './api';
import { styleLayersOf } from './drawn_style';
import { evaluate, type Properties } from './expression';
import { isCoded } from './heading';
import { CODE_SEPARATOR } from './i18n';

/** How a group of values is drawn; the unit of widths is CSS pixels. */
export interface Swatch {
  /** The attribute that it tells apart; absent for a layer without classes. */
  attribute?: Attribute;
  /** Keys of the code list; empty for a layer without classes. */
  values: string[];
  /** Too many to name: all that the style does not tell apart. */
  rest: boolean;
  kind: 'line' | 'fill' | 'point' | 'text';
  color: string;
  /** Of a fill; a pale fill is pale in the legend, too. */
  fillOpacity?: number;
  /** Name of a sprite. */
  icon?: string;
  /** Casing of a line, outline of a fill. */
  outline?: string;
  width: number;
  dashes?: number[];
}

/** A swatch of more values than this names only the first of them. */
export const MOST_VALUES_BY_NAME = 2;

/** Wider lines would not fit the swatch. */
const WIDEST_LINE_PX = 6;

/** No code list has this value: it shows how a style draws what it does not name. */
const UNNAMED_VALUE = '';

/** Paint properties in which a class may show. */
const LOOKS = ['fill-color', 'line-color', 'circle-color'];

/** The colour of a style layer by its type. */
const COLOR_OF: Record<string, string> = {
  fill: 'fill-color',
  line: 'line-color',
  circle: 'circle-color',
  symbol: 'text-color',
};

/** A point that only an icon draws. */
const NO_COLOR = '#7a8a90';

/** Reads the legend of one layer, attribute by attribute. */
export function legendOf(style: StyleSpecification, layer: Layer): Swatch[] {
  const drawn = styleLayersOf(style, layer.id);
  const attributes = classAttributes(drawn, layer);
  if (attributes.length > 0) return attributes.flatMap((attribute) => swatchesOf(drawn, attribute));
  const swatch = swatchOf(drawn);
  return swatch ? [swatch] : [];
}

/** Swatches of the values of one attribute. */
function swatchesOf(drawn: LayerSpecification[], attribute: Attribute): Swatch[] {
  const unnamed = swatchOf(drawn, attribute, UNNAMED_VALUE);
  const swatches: Swatch[] = [];
  for (const value of Object.keys(attribute.values ?? {})) {
    const swatch = swatchOf(drawn, attribute, value);
    if (!swatch) continue;
    const alike = swatches.find((known) => looksLike(known, swatch));
    if (alike) alike.values.push(value);
    else swatches.push({ ...swatch, attribute, values: [value] });
  }
  for (const swatch of swatches) {
    const like = unnamed !== undefined && looksLike(unnamed, swatch);
    swatch.rest = like && swatch.values.length > MOST_VALUES_BY_NAME;
  }
  // The rest comes last, as on any map.
  return swatches.sort((one, other) => Number(one.rest) - Number(other.rest));
}

/** Only the swatches of features that are on the screen, each by its attributes. */
export function keepDrawn(swatches: Swatch[], drawn: Properties[]): Swatch[] {
  if (drawn.length === 0) return [];
  // Of a value of several codes the first is what the style draws.
  const first = (name: string) => new Set(drawn.map((properties) => String(properties[name] ?? '').split(CODE_SEPARATOR)[0]));
  const seen = new Map(swatches.flatMap(({ attribute }) => (attribute ? [[attribute.name, first(attribute.name)]] : [])));
  const kept = swatches.map((swatch) => {
    const values = swatch.values.filter((value) => seen.get(swatch.attribute?.name ?? '')?.has(value));
    return { ...swatch, values, rest: swatch.rest && values.length > MOST_VALUES_BY_NAME };
  });
  return kept.filter(({ attribute, values }) => !attribute || values.length > 0);
}

/** The code attributes whose own colours or icons the style draws; else the first that decides a look. */
function classAttributes(drawn: LayerSpecification[], layer: Layer): Attribute[] {
  const colors = JSON.stringify(drawn.map((style) => LOOKS.map((property) => paint(style, property))));
  const icons = JSON.stringify(drawn.map((style) => layout(style, 'icon-image')));
  const reads = (look: string, { name }: Attribute) => look.includes(JSON.stringify(['get', name]));
  const coded = layer.attributes.filter(isCoded);
  const own = coded.filter((attribute) => {
    const values = Object.values(attribute.values ?? {});
    const isColored = values.some(({ color }) => color) && reads(colors, attribute);
    return isColored || (values.some(({ icon }) => icon) && reads(icons, attribute));
  });
  if (own.length > 0) return own;
  return coded.filter((attribute) => reads(colors, attribute) || reads(icons, attribute)).slice(0, 1);
}

function swatchOf(drawn: LayerSpecification[], attribute?: Attribute, value?: string): Swatch | undefined {
  const properties: Properties = attribute && value !== undefined ? { [attribute.name]: value } : {};
  const listed = value === undefined ? undefined : attribute?.values?.[value];
  const shown = drawn.filter((style) => !('filter' in style) || evaluate(style.filter, properties) !== false);
  const fill = shown.find((style) => style.type === 'fill' && paint(style, 'fill-color') !== undefined);
  const lines = shown.filter((style) => style.type === 'line');
  const point = shown.find((style) => style.type === 'circle') ?? shown.find((style) => layout(style, 'icon-image'));
  const top = lines.at(-1);
  const main = fill ?? top ?? point ?? shown[0] ?? drawn[0];
  if (!main) return undefined;

  const kind = fill ? 'fill' : top ? 'line' : point ? 'point' : 'text';
  const drawnColor = evaluate(paint(main, COLOR_OF[main.type] ?? ''), properties);
  const color = typeof drawnColor === 'string' ? drawnColor : (listed?.color ?? NO_COLOR);
  const icon = listed?.icon ?? evaluate(layout(point, 'icon-image'), properties);
  if (color === NO_COLOR && typeof icon !== 'string' && kind !== 'point' && kind !== 'text') return undefined;
  const width = evaluate(top && paint(top, 'line-width'), properties);
  const outline = evaluate(paint(kind === 'line' ? lines.at(-2) : (top ?? main), kind === 'point' ? 'circle-stroke-color' : 'line-color'), properties);
  const dashes = top && paint(top, 'line-dasharray');
  const opacity = evaluate(paint(fill, 'fill-opacity'), properties);
  return {
    values: [],
    rest: false,
    kind,
    color,
    width: Math.min(typeof width === 'number' ? width : 1, WIDEST_LINE_PX),
    ...(typeof opacity === 'number' ? { fillOpacity: opacity } : {}),
    ...(typeof outline === 'string' ? { outline } : {}),
    ...(Array.isArray(dashes) ? { dashes: dashes as number[] } : {}),
    ...(typeof icon === 'string' ? { icon } : {}),
  };
}

function looksLike(one: Swatch, other: Swatch): boolean {
  const look = (swatch: Swatch) => JSON.stringify({ ...swatch, attribute: undefined, values: [], rest: false });
  return look(one) === look(other);
}

function paint(layer: LayerSpecification | undefined, property: string): unknown {
  return (layer?.paint as Record<string, unknown> | undefined)?.[property];
}

function layout(layer: LayerSpecification | undefined, property: string): unknown {
  return (layer?.layout as Record<string, unknown> | undefined)?.[property];
}
