// The map: one MapLibre map whose style is always worked out whole from the server's style, the
// language, the hidden layers and the selection, and handed over as a difference.

import {
  type ExpressionSpecification,
  type FilterSpecification,
  type LayerSpecification,
  type MapGeoJSONFeature,
  Map as MapLibreMap,
  type PointLike,
  type RequestParameters,
  ScaleControl,
  type StyleSpecification,
  setWorkerUrl,
} from 'maplibre-gl';
import { address, askHealth, type Catalog } from './api';
import { language, text, word } from './i18n';

/** Path of MapLibre's worker below the page; filled in by the build. */
declare const WORKER_FILE: string;

/** The source of our styles that holds all layers. */
const SOURCE = 'urbis';

/** Style layers marked so stay when their layer is hidden: without land, all would read as sea. */
const BASE_MARK = 'urbis:base';

/** A finger or a mouse misses a thin line by this much. */
const CLICK_REACH_PX = 6;

const MAX_ZOOM = 20;

const SELECTION_COLOR = '#d6336c';

/** Room left around the city when all of it is shown. */
const CITY_PADDING_PX = 24;

/** A feature on the map: its layer in the catalogue and its id there. */
export interface Picked {
  layer: string;
  id: number;
  properties: Record<string, unknown>;
}

/** The map and what the page tells it. */
export class CityMap {
  readonly map: MapLibreMap;
  private hidden = new Set<string>();
  private selected: Picked | undefined;
  private styleRead = false;
  private changedSinceStart = false;

  constructor(
    container: HTMLElement,
    private catalog: Catalog,
    private style: StyleSpecification,
    hidden: Iterable<string>,
  ) {
    setWorkerUrl(address(WORKER_FILE));
    this.hidden = new Set(hidden);
    const { view, bbox } = catalog.city;
    this.map = new MapLibreMap({
      container,
      style: this.drawnStyle(),
      ...(view ? { center: view.center, zoom: view.zoom } : { bounds: bbox }),
      hash: 'map',
      minZoom: 5,
      maxZoom: MAX_ZOOM,
      // Never cut a tile of low zoom: the style names wards from such tiles, once each.
      zoomLevelsToOverscale: MAX_ZOOM,
      attributionControl: false,
      transformRequest: (url, type) => this.request(url, type),
      locale: { 'Map.Title': '' },
    });
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left');
    this.map.once('style.load', () => {
      this.styleRead = true;
      this.redraw();
    });
    this.map.on('error', () => void askHealth());
    this.name();
  }

  /** Ids of the layers that are not drawn. */
  hiddenLayers(): string[] {
    return [...this.hidden].sort();
  }

  /** Draws a layer. */
  show(layer: string): void {
    this.hidden.delete(layer);
    this.redraw();
  }

  /** Stops drawing a layer. */
  hide(layer: string): void {
    this.hidden.add(layer);
    this.redraw();
  }

  /** Marks one feature on the map, or none. */
  select(picked: Picked | undefined): void {
    this.selected = picked;
    this.redraw();
  }

  /** Takes over the language of the page. */
  translate(): void {
    this.name();
    this.redraw();
  }

  /** Draws in another style of the server. */
  restyle(style: StyleSpecification): void {
    this.style = style;
    this.redraw();
  }

  /** Asks for the tiles on screen again: the data has changed. */
  refresh(): void {
    this.changedSinceStart = true;
    for (const source of Object.keys(this.style.sources)) this.map.refreshTiles(source);
  }

  /** Moves to the whole city; `covered` pixels on the left lie under a card. */
  showCity(covered: number): void {
    const padding = { top: CITY_PADDING_PX, right: CITY_PADDING_PX, bottom: CITY_PADDING_PX };
    this.map.fitBounds(this.catalog.city.bbox, { padding: { ...padding, left: covered + CITY_PADDING_PX } });
  }

  /**
   * The feature that a person means by a place on the screen, in pixels: what is drawn right there;
   * where that is only the ward, a line or small thing close by.
   */
  pick(x: number, y: number): Picked | undefined {
    const exact = this.featuresIn([x, y]);
    if (exact[0] && !isGround(exact[0])) return exact[0];
    const near = this.featuresIn([
      [x - CLICK_REACH_PX, y - CLICK_REACH_PX],
      [x + CLICK_REACH_PX, y + CLICK_REACH_PX],
    ]).find((candidate) => !isGround(candidate));
    return near ?? exact[0];
  }

  private featuresIn(place: PointLike | [PointLike, PointLike]): Picked[] {
    return this.map.queryRenderedFeatures(place).filter(hasIdentity).map(toPicked);
  }

  /** MapLibre cannot take a difference before it has read its first style: that one is redrawn then. */
  private redraw(): void {
    if (this.styleRead) this.map.setStyle(this.drawnStyle(), { diff: true });
  }

  private name(): void {
    const canvas = this.map.getCanvas();
    canvas.setAttribute('aria-label', `${word('mapOf')} ${text(this.catalog.city.title)}. ${word('mapKeys')}`);
  }

  private drawnStyle(): StyleSpecification {
    const layers = this.style.layers.map((layer) => this.drawnLayer(layer));
    const firstLabel = layers.findIndex((layer) => layer.type === 'symbol');
    layers.splice(firstLabel < 0 ? layers.length : firstLabel, 0, ...this.selectionLayers());
    return { ...this.style, layers };
  }

  private drawnLayer(layer: LayerSpecification): LayerSpecification {
    if (!('source-layer' in layer) || !layer['source-layer']) return layer;
    const base = (layer.metadata as Record<string, unknown> | undefined)?.[BASE_MARK] === true;
    const visible = base || !this.hidden.has(layer['source-layer']);
    const layout = { ...layer.layout, visibility: visible ? ('visible' as const) : ('none' as const) };
    const drawn = { ...layer, layout } as LayerSpecification;
    if (drawn.type === 'symbol' && drawn.layout?.['text-field'] && this.hasEnglishName(layer['source-layer'])) {
      drawn.layout['text-field'] = nameExpression();
    }
    return drawn;
  }

  private hasEnglishName(id: string): boolean {
    const layer = this.catalog.layers.find((candidate) => candidate.id === id);
    return layer?.attributes.some((attribute) => attribute.name === 'name_en') ?? false;
  }

  private selectionLayers(): LayerSpecification[] {
    if (!this.selected) return [];
    const common = {
      source: SOURCE,
      'source-layer': this.selected.layer,
      filter: ['==', ['id'], this.selected.id] as FilterSpecification,
    };
    const outline: LayerSpecification = {
      ...common,
      id: 'selection-line',
      type: 'line',
      layout: { 'line-join': 'round', 'line-cap': 'round' },
      paint: { 'line-color': SELECTION_COLOR, 'line-width': 3, 'line-opacity': 0.9 },
    };
    const layer = this.catalog.layers.find((candidate) => candidate.id === this.selected?.layer);
    if (!layer?.geometry.includes('Polygon')) return [outline];
    const fill: LayerSpecification = {
      ...common,
      id: 'selection-fill',
      type: 'fill',
      paint: { 'fill-color': SELECTION_COLOR, 'fill-opacity': 0.06 },
    };
    return [fill, outline];
  }

  /** After a change a tile in the browser's cache may be old: ask whether it still stands. */
  private request(url: string, type?: string): RequestParameters {
    const cache = this.changedSinceStart && type === 'Tile' ? 'no-cache' : 'default';
    return { url, cache };
  }
}

function nameExpression(): ExpressionSpecification {
  return language() === 'en' ? ['coalesce', ['get', 'name_en'], ['get', 'name']] : ['get', 'name'];
}

/** The layer that covers everything: it is meant only where nothing lies on it. */
function isGround(picked: Picked): boolean {
  return picked.layer === 'admin_unit';
}

function hasIdentity(feature: MapGeoJSONFeature): boolean {
  return feature.sourceLayer !== undefined && feature.id !== undefined;
}

function toPicked(feature: MapGeoJSONFeature): Picked {
  return { layer: String(feature.sourceLayer), id: Number(feature.id), properties: feature.properties };
}
