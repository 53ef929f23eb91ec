// The legend, read from the style itself: what a layer's code values look like on the map.
//
// In: a style and a layer of the catalogue. Out: swatches, values that look alike together.
// Only the expressions that our styles use for colours, widths and filters are understood;
// anything else leaves the value out of the legend rather than show a wrong colour.

import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Attribute, Layer } from './api';

/** How a group of values is drawn; the unit of widths is CSS pixels. */
export interface Swatch {
  /** Keys of the code list; empty for a layer without classes. */
  values: string[];
  /** Too many to name: all that the style does not tell apart. */
  rest: boolean;
  kind: 'line' | 'fill';
  color: string;
  /** Casing of a line, outline of a fill. */
  outline?: string;
  width: number;
  dashes?: number[];
}

/** Swatches of a layer and the attribute that they tell apart. */
export interface Legend {
  attribute?: Attribute;
  swatches: Swatch[];
}

/** Zoom at which swatches are drawn: a street-level view, where all classes are on the map. */
const LEGEND_ZOOM = 15;

/** A swatch of more values than this names only the first of them. */
export const MOST_VALUES_BY_NAME = 2;

/** Wider lines would not fit the swatch. */
const WIDEST_LINE_PX = 6;

/** No code list has this value: it shows how a style draws what it does not name. */
const UNNAMED_VALUE = '';

type Properties = Record<string, unknown>;

/** Ids of the style layers that draw a layer of the catalogue. */
export function styleLayersOf(style: StyleSpecification, layerId: string): string[] {
  return style.layers.filter((layer) => sourceLayer(layer) === layerId).map((layer) => layer.id);
}

/** Reads the legend of one layer. */
export function legendOf(style: StyleSpecification, layer: Layer): Legend {
  const drawn = style.layers.filter((candidate) => sourceLayer(candidate) === layer.id);
  const attribute = classAttribute(drawn, layer);
  if (!attribute) {
    const swatch = swatchOf(drawn, {});
    return { swatches: swatch ? [swatch] : [] };
  }
  const unnamed = swatchOf(drawn, { [attribute.name]: UNNAMED_VALUE });
  const swatches: Swatch[] = [];
  for (const value of Object.keys(attribute.values ?? {})) {
    const swatch = swatchOf(drawn, { [attribute.name]: value });
    if (!swatch) continue;
    const alike = swatches.find((known) => looksLike(known, swatch));
    if (alike) alike.values.push(value);
    else swatches.push({ ...swatch, values: [value] });
  }
  for (const swatch of swatches) {
    const like = unnamed !== undefined && looksLike(unnamed, swatch);
    swatch.rest = like && swatch.values.length > MOST_VALUES_BY_NAME;
  }
  // The rest comes last, as on any map.
  swatches.sort((one, other) => Number(one.rest) - Number(other.rest));
  return { attribute, swatches };
}

/** The first code attribute that decides a colour. */
function classAttribute(drawn: LayerSpecification[], layer: Layer): Attribute | undefined {
  const colours = JSON.stringify(drawn.map((style) => [paint(style, 'fill-color'), paint(style, 'line-color')]));
  return layer.attributes.find(
    (attribute) => attribute.type === 'code' && colours.includes(JSON.stringify(['get', attribute.name])),
  );
}

function swatchOf(drawn: LayerSpecification[], properties: Properties): Swatch | undefined {
  const shown = drawn.filter((style) => !('filter' in style) || evaluate(style.filter, properties) !== false);
  const fill = shown.find((style) => style.type === 'fill');
  const lines = shown.filter((style) => style.type === 'line');
  const top = lines.at(-1);
  const main = fill ?? top;
  if (!main) return undefined;

  const color = evaluate(paint(main, fill ? 'fill-color' : 'line-color'), properties);
  if (typeof color !== 'string') return undefined;
  const width = evaluate(top && paint(top, 'line-width'), properties);
  const outline = evaluate(paint(fill ? top : lines.at(-2), 'line-color'), properties);
  const dashes = top && paint(top, 'line-dasharray');
  return {
    values: [],
    rest: false,
    kind: fill ? 'fill' : 'line',
    color,
    width: Math.min(typeof width === 'number' ? width : 1, WIDEST_LINE_PX),
    ...(typeof outline === 'string' ? { outline } : {}),
    ...(Array.isArray(dashes) ? { dashes: dashes as number[] } : {}),
  };
}

function looksLike(one: Swatch, other: Swatch): boolean {
  const look = (swatch: Swatch) => JSON.stringify({ ...swatch, values: [], rest: false });
  return look(one) === look(other);
}

/** Value of a style expression for a feature at [`LEGEND_ZOOM`]; `undefined` where it is not understood. */
function evaluate(expression: unknown, properties: Properties): unknown {
  if (!Array.isArray(expression)) return expression;
  const [operator, ...operands] = expression as [string, ...unknown[]];
  switch (operator) {
    case 'literal':
      return operands[0];
    case 'get':
      return properties[String(operands[0])] ?? null;
    case 'has':
      return String(operands[0]) in properties;
    case 'match':
      return evaluateMatch(operands, properties);
    case 'interpolate':
      return evaluateStops(operands.slice(2), properties);
    case 'all':
      return operands.every((operand) => evaluate(operand, properties) !== false);
    case '!':
      return !evaluate(operands[0], properties);
    case '==':
      return evaluate(operands[0], properties) === evaluate(operands[1], properties);
    default:
      return undefined;
  }
}

function evaluateMatch([input, ...arms]: unknown[], properties: Properties): unknown {
  const value = evaluate(input, properties);
  for (let arm = 0; arm + 1 < arms.length; arm += 2) {
    if ([arms[arm]].flat().includes(value)) return evaluate(arms[arm + 1], properties);
  }
  return evaluate(arms.at(-1), properties);
}

/** The stop at or below the zoom: between two stops a swatch need not be exact. */
function evaluateStops(stops: unknown[], properties: Properties): unknown {
  let reached = stops[1];
  for (let stop = 0; stop + 1 < stops.length; stop += 2) {
    if (Number(stops[stop]) <= LEGEND_ZOOM) reached = stops[stop + 1];
  }
  return evaluate(reached, properties);
}

function sourceLayer(layer: LayerSpecification): string | undefined {
  return 'source-layer' in layer ? layer['source-layer'] : undefined;
}

function paint(layer: LayerSpecification | undefined, property: string): unknown {
  return (layer?.paint as Record<string, unknown> | undefined)?.[property];
}
