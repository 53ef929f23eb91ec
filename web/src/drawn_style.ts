// The style that the map draws: the server's style with layers off and faded, names in the language
// of the page, and the page's own marks on top. A pure function of what it is given.

import type {
  ExpressionSpecification,
  FilterSpecification,
  GeoJSONSourceSpecification,
  LayerSpecification,
  StyleSpecification,
} from 'maplibre-gl';
import type { Catalog, PlacedFeature } from './api';
import { type Language, locale } from './i18n';
import type { View } from './view';

/** Features as a GeoJSON source takes them. */
type Marks = Exclude<GeoJSONSourceSpecification['data'], string>;

/** All that decides what is drawn. */
export interface Drawing {
  style: StyleSpecification;
  catalog: Catalog;
  view: View;
  language: Language;
  selected: PlacedFeature | undefined;
  /** Answers of a tool: points with `number`, the start, lines between, and ways with `route`. */
  marks: Marks | undefined;
}

/** Style layers marked so stay when their layer is hidden: without land, all would read as sea. */
const BASE_MARK = 'urbis:base';

/** Source and layer ids of the page's own marks. */
export const MARKS = 'marks';

const SELECTION_COLOR = '#d6336c';
const MARK_COLOR = '#0b5c6b';
/** Ways along roads: the first unit's, and another that is looked at. */
const ROUTE_COLORS = { first: '#0b5c6b', other: '#6b3fa0' };
const MARK_FONT = 'Be Vietnam Pro SemiBold';

/** Opacities by the type of style layer. */
const OPACITIES: Record<string, readonly string[]> = {
  fill: ['fill-opacity'],
  line: ['line-opacity'],
  circle: ['circle-opacity', 'circle-stroke-opacity'],
  symbol: ['icon-opacity', 'text-opacity'],
  'fill-extrusion': ['fill-extrusion-opacity'],
  heatmap: ['heatmap-opacity'],
};

/** Works out the whole style. */
export function drawnStyle(drawing: Drawing): StyleSpecification {
  const layers = drawing.style.layers.map((layer) => drawnLayer(layer, drawing));
  const firstLabel = layers.findIndex((layer) => layer.type === 'symbol');
  layers.splice(firstLabel < 0 ? layers.length : firstLabel, 0, ...selectionLayers(drawing));
  if (!drawing.marks) return { ...drawing.style, layers };
  const sources = { ...drawing.style.sources, [MARKS]: { type: 'geojson' as const, data: drawing.marks } };
  return { ...drawing.style, sources, layers: [...layers, ...markLayers()] };
}

/** Whether a style layer stays whatever is switched off. */
export function isBase({ metadata }: { metadata?: unknown }): boolean {
  return (metadata as Record<string, unknown> | undefined)?.[BASE_MARK] === true;
}

/** The layer of the catalogue that a style layer draws. */
export function sourceLayer(layer: LayerSpecification): string | undefined {
  return 'source-layer' in layer ? layer['source-layer'] : undefined;
}

/** The style layers that draw a layer of the catalogue. */
export function styleLayersOf(style: StyleSpecification, layerId: string): LayerSpecification[] {
  return style.layers.filter((layer) => sourceLayer(layer) === layerId);
}

function drawnLayer(layer: LayerSpecification, { view, catalog, language }: Drawing): LayerSpecification {
  const id = sourceLayer(layer);
  if (!id) return layer;
  const visible = isBase(layer) || view.isOn(id);
  const layout: Record<string, unknown> = { ...layer.layout, visibility: visible ? 'visible' : 'none' };
  if (language === 'en' && layout['text-field'] && hasEnglishName(catalog, id)) {
    layout['text-field'] = inEnglish(layout['text-field']);
  }
  if (layout['text-field']) layout['text-field'] = withLocale(layout['text-field']);
  const paint = isBase(layer) ? layer.paint : faded(layer, view.opacity(id));
  return { ...layer, layout, ...(paint ? { paint } : {}) } as LayerSpecification;
}

function faded(layer: LayerSpecification, factor: number): Record<string, unknown> | undefined {
  if (factor === 1) return layer.paint as Record<string, unknown> | undefined;
  const paint: Record<string, unknown> = { ...layer.paint };
  for (const property of OPACITIES[layer.type] ?? []) paint[property] = multiplied(paint[property] ?? 1, factor);
  return paint;
}

/** A value times a factor; an expression of the zoom must stay outermost, so its outputs are multiplied. */
function multiplied(value: unknown, factor: number): unknown {
  if (typeof value === 'number') return value * factor;
  if (!Array.isArray(value)) return value;
  const isOutput: Record<string, (at: number) => boolean> = {
    interpolate: (at) => at >= 4 && at % 2 === 0,
    step: (at) => at >= 2 && at % 2 === 0,
  };
  const output = isOutput[String(value[0])];
  if (!output) return ['*', factor, value];
  return value.map((part, at) => (output(at) ? multiplied(part, factor) : part));
}

function hasEnglishName(catalog: Catalog, id: string): boolean {
  const layer = catalog.layers.find((candidate) => candidate.id === id);
  return layer?.attributes.some((attribute) => attribute.name === 'name_en') ?? false;
}

/** The same expression with the English name wherever it reads the Vietnamese one. */
function inEnglish(expression: unknown): unknown {
  if (!Array.isArray(expression)) return expression;
  if (expression[0] === 'get' && expression[1] === 'name') return ['coalesce', ['get', 'name_en'], ['get', 'name']];
  return expression.map(inEnglish);
}

/** The same expression with its numbers written as the page writes them. */
function withLocale(expression: unknown): unknown {
  if (!Array.isArray(expression)) return expression;
  if (expression[0] !== 'number-format') return expression.map(withLocale);
  const [operator, input, options] = expression as [string, unknown, Record<string, unknown>];
  return [operator, input, { ...options, locale: locale() }];
}

function selectionLayers({ selected, style, catalog }: Drawing): LayerSpecification[] {
  if (!selected) return [];
  const [drawn] = styleLayersOf(style, selected.layer);
  const geometry = catalog.layers.find((layer) => layer.id === selected.layer)?.geometry ?? '';
  if (!drawn || !('source' in drawn)) return [];
  const common = {
    source: drawn.source,
    'source-layer': selected.layer,
    filter: ['==', ['id'], selected.id] as FilterSpecification,
  };
  if (geometry.includes('Point')) {
    const paint = {
      'circle-radius': 15,
      'circle-color': SELECTION_COLOR,
      'circle-opacity': 0.16,
      'circle-stroke-color': SELECTION_COLOR,
      'circle-stroke-width': 3,
    };
    return [{ ...common, id: 'selection-point', type: 'circle', paint }];
  }
  const outline: LayerSpecification = {
    ...common,
    id: 'selection-line',
    type: 'line',
    layout: { 'line-join': 'round', 'line-cap': 'round' },
    paint: { 'line-color': SELECTION_COLOR, 'line-width': 3, 'line-opacity': 0.9 },
  };
  if (!geometry.includes('Polygon')) return [outline];
  const paint = { 'fill-color': SELECTION_COLOR, 'fill-opacity': 0.06 };
  return [{ ...common, id: 'selection-fill', type: 'fill', paint }, outline];
}

function markLayers(): LayerSpecification[] {
  const isPoint: FilterSpecification = ['==', ['geometry-type'], 'Point'];
  const isNumbered: ExpressionSpecification = ['has', 'number'];
  const isLine: ExpressionSpecification = ['==', ['geometry-type'], 'LineString'];
  const layout = { 'line-cap': 'round', 'line-join': 'round' } as const;
  return [
    {
      id: 'marks-route-edge',
      type: 'line',
      source: MARKS,
      filter: ['all', isLine, ['has', 'route']],
      layout,
      paint: { 'line-color': '#ffffff', 'line-width': 9, 'line-opacity': 0.9 },
    },
    {
      id: 'marks-route',
      type: 'line',
      source: MARKS,
      filter: ['all', isLine, ['has', 'route']],
      layout,
      paint: {
        'line-color': ['match', ['get', 'route'], 'first', ROUTE_COLORS.first, ROUTE_COLORS.other],
        'line-width': 5,
      },
    },
    {
      id: 'marks-line-edge',
      type: 'line',
      source: MARKS,
      filter: ['all', isLine, ['!', ['has', 'route']]],
      layout,
      paint: { 'line-color': '#ffffff', 'line-width': 5, 'line-opacity': 0.6 },
    },
    {
      id: 'marks-line',
      type: 'line',
      source: MARKS,
      filter: ['all', isLine, ['!', ['has', 'route']]],
      layout: { 'line-cap': 'round' },
      paint: { 'line-color': MARK_COLOR, 'line-width': 2.5, 'line-dasharray': [1, 2], 'line-opacity': 0.85 },
    },
    {
      id: 'marks-point',
      type: 'circle',
      source: MARKS,
      filter: isPoint,
      paint: {
        'circle-radius': ['case', isNumbered, 12, 7],
        'circle-color': ['case', isNumbered, MARK_COLOR, SELECTION_COLOR],
        'circle-stroke-color': '#ffffff',
        'circle-stroke-width': 2.5,
      },
    },
    {
      id: 'marks-number',
      type: 'symbol',
      source: MARKS,
      filter: isPoint,
      layout: {
        'text-field': ['to-string', ['get', 'number']],
        'text-font': [MARK_FONT],
        'text-size': 13,
        'text-allow-overlap': true,
        'text-ignore-placement': true,
      },
      paint: { 'text-color': '#ffffff' },
    },
  ];
}
