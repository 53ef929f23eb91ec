// The legend: what a layer's code values look like on the map.
//
// In: a style and a layer of the catalogue. Out: swatches, values that look alike together. Where
// the code list has colours or icons of its own, they are what the style draws; otherwise the style
// itself is read.
// Only the expressions that our styles use for colours, widths and filters are understood;
// anything else leaves the value out of the legend rather than show a wrong colour.

import type { LayerSpecification, StyleSpecification } from 'maplibre-gl';
import type { Attribute, Layer } from './api';
import { sourceLayer } from './drawn_style';

/** How a group of values is drawn; the unit of widths is CSS pixels. */
export interface Swatch {
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

/** Attributes of a feature, as a tile has them. */
export type Properties = Record<string, unknown>;

/** Ids of the style layers that draw a layer of the catalogue. */
export function styleLayersOf(style: StyleSpecification, layerId: string): string[] {
  return style.layers.filter((layer) => sourceLayer(layer) === layerId).map((layer) => layer.id);
}

/** Reads the legend of one layer. */
export function legendOf(style: StyleSpecification, layer: Layer): Legend {
  const drawn = style.layers.filter((candidate) => sourceLayer(candidate) === layer.id);
  const attribute = classAttribute(drawn, layer);
  if (!attribute) {
    const swatch = swatchOf(drawn);
    return { swatches: swatch ? [swatch] : [] };
  }
  const unnamed = swatchOf(drawn, attribute, UNNAMED_VALUE);
  const swatches: Swatch[] = [];
  for (const value of Object.keys(attribute.values ?? {})) {
    const swatch = swatchOf(drawn, attribute, value);
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

/** Only the swatches of features that are on the screen, each by its attributes. */
export function keepDrawn({ attribute, swatches }: Legend, drawn: Properties[]): Legend {
  if (!attribute) return { swatches: drawn.length > 0 ? swatches : [] };
  // Of a value of several codes the first is what the style draws.
  const seen = new Set(drawn.map((properties) => String(properties[attribute.name] ?? '').split('+')[0]));
  const kept = swatches.map((swatch) => {
    const values = swatch.values.filter((value) => seen.has(value));
    return { ...swatch, values, rest: swatch.rest && values.length > MOST_VALUES_BY_NAME };
  });
  return { attribute, swatches: kept.filter(({ values }) => values.length > 0) };
}

/** The first code attribute that decides a colour or an icon. */
function classAttribute(drawn: LayerSpecification[], layer: Layer): Attribute | undefined {
  const looks = JSON.stringify(
    drawn.map((style) => [...LOOKS.map((property) => paint(style, property)), layout(style, 'icon-image')]),
  );
  const decides = ({ name, type }: Attribute) =>
    ['code', 'codes'].includes(type) && looks.includes(JSON.stringify(['get', name]));
  const isDrawn = ({ values }: Attribute) =>
    Object.values(values ?? {}).some(({ color, icon }) => color || icon);
  return layer.attributes.find((attribute) => decides(attribute) && isDrawn(attribute)) ?? layer.attributes.find(decides);
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
    case 'any':
      return operands.some((operand) => evaluate(operand, properties) === true);
    case 'case':
      return evaluateCase(operands, properties);
    case 'coalesce':
      return operands.map((operand) => evaluate(operand, properties)).find((value) => value !== null && value !== undefined);
    case 'step':
      return evaluateStep(operands, properties);
    case 'slice':
      // Our styles slice the first code off a value of several; here there is but one.
      return evaluate(operands[0], properties);
    case '!=':
      return evaluate(operands[0], properties) !== evaluate(operands[1], properties);
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

function evaluateCase(arms: unknown[], properties: Properties): unknown {
  for (let arm = 0; arm + 1 < arms.length; arm += 2) {
    if (evaluate(arms[arm], properties) === true) return evaluate(arms[arm + 1], properties);
  }
  return evaluate(arms.at(-1), properties);
}

/** Steps of the zoom only. */
function evaluateStep([input, first, ...stops]: unknown[], properties: Properties): unknown {
  if (JSON.stringify(input) !== JSON.stringify(['zoom'])) return undefined;
  return evaluateStops([0, first, ...stops], properties);
}

/** The stop at or below the zoom: between two stops a swatch need not be exact. */
function evaluateStops(stops: unknown[], properties: Properties): unknown {
  let reached = stops[1];
  for (let stop = 0; stop + 1 < stops.length; stop += 2) {
    if (Number(stops[stop]) <= LEGEND_ZOOM) reached = stops[stop + 1];
  }
  return evaluate(reached, properties);
}

function paint(layer: LayerSpecification | undefined, property: string): unknown {
  return (layer?.paint as Record<string, unknown> | undefined)?.[property];
}

function layout(layer: LayerSpecification | undefined, property: string): unknown {
  return (layer?.layout as Record<string, unknown> | undefined)?.[property];
}
