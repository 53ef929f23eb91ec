// The map: one MapLibre map whose style is always worked out whole and handed over as a difference.

import {
  type GeoJSONSource,
  type MapGeoJSONFeature,
  Map as MapLibreMap,
  type PointLike,
  type RequestParameters,
  ScaleControl,
  type StyleSpecification,
  setWorkerUrl,
} from 'maplibre-gl';
import { address, askHealth, type Catalog, type LonLat, type PlacedFeature } from './api';
import { type Drawing, drawnStyle, isBase, MARKS, sourceLayer, styleLayersOf } from './drawn_style';
import { language, text, word } from './i18n';
import { authorization } from './key';
import type { Properties } from './expression';
import type { Shown } from './live';
import type { ChangedTiles } from './tile_range';
import { TileRefresh } from './tile_refresh';
import type { View } from './view';

/** Path of MapLibre's worker below the page; filled in by the build. */
declare const WORKER_FILE: string;

/** A finger or a mouse misses a thin line by this much. */
const CLICK_REACH_PX = 6;

const MIN_ZOOM = 4;
const MAX_ZOOM = 20;

/** The units that cover the whole city: meant only where nothing lies on them. */
export const GROUND_LAYER = 'admin_unit';

/** Room left around the city when all of it is shown. */
const CITY_PADDING_PX = 24;

/** Pixels at the sides of the map. */
export type Padding = Record<'top' | 'right' | 'bottom' | 'left', number>;

/** Pixels of the map that always lie under cards. */
export type Covered = Pick<Padding, 'left' | 'bottom'>;

/** The map and what the page tells it. */
export class CityMap {
  readonly map: MapLibreMap;
  private selected: PlacedFeature | undefined;
  private marks: Drawing['marks'];
  private styleRead = false;
  private readonly tiles: TileRefresh;

  constructor(
    container: HTMLElement,
    private catalog: Catalog,
    private style: StyleSpecification,
    readonly view: View,
    covered: Covered,
  ) {
    setWorkerUrl(address(WORKER_FILE));
    this.map = new MapLibreMap({
      container,
      style: this.drawnStyle(),
      bounds: catalog.city.bbox,
      fitBoundsOptions: { padding: beside(covered) },
      hash: 'map',
      minZoom: MIN_ZOOM,
      maxZoom: MAX_ZOOM,
      // Never cut a tile of low zoom: the style names wards from such tiles, once each.
      zoomLevelsToOverscale: MAX_ZOOM,
      attributionControl: false,
      transformRequest: (url, type) => this.request(url, type),
      locale: { 'Map.Title': '' },
    });
    this.tiles = new TileRefresh(this.map);
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), 'bottom-left');
    this.map.once('style.load', () => {
      this.styleRead = true;
      this.redraw();
    });
    this.map.on('error', () => void askHealth());
    this.translate();
  }

  /** A style as it is drawn now, the map's own or another: for a print of the same map. */
  drawnStyle(style: StyleSpecification = this.style): StyleSpecification {
    const { catalog, view, selected, marks } = this;
    return drawnStyle({ style, catalog, view, language: language(), selected, marks });
  }

  /** Address and headers of a request of a map; the key goes to our own server alone. */
  request(url: string, type?: string): RequestParameters {
    // A tile in the browser's cache may be old: the server says whether it still stands, for the
    // price of a header. Whatever is on the map is therefore as new as the question for it.
    const cache = type === 'Tile' ? 'no-cache' : 'default';
    // Without `omit` the browser itself would ask for a password when a key is refused.
    // MapLibre's types know fewer values than `fetch`, to which it hands this on.
    const credentials = 'omit' as RequestParameters['credentials'] & string;
    return { url, cache, headers: authorization(url), credentials };
  }

  /** Draws the view as it is now. */
  redraw(): void {
    // MapLibre cannot take a difference before it has read its first style: that one is redrawn then.
    if (this.styleRead) this.map.setStyle(this.drawnStyle(), { diff: true });
  }

  /** Marks one feature on the map, or none. */
  select(feature: PlacedFeature | undefined): void {
    this.selected = feature;
    this.redraw();
  }

  /** Draws the answers of a tool, or none. */
  mark(marks: Drawing['marks']): void {
    this.marks = marks;
    const source = this.map.getSource<GeoJSONSource>(MARKS);
    // An order of units is answered every second: that alone is no reason to compare two styles.
    if (marks && source) source.setData(marks);
    else this.redraw();
  }

  /** Takes over the language of the page. */
  translate(): void {
    const canvas = this.map.getCanvas();
    canvas.id = 'map-canvas';
    canvas.setAttribute('aria-label', `${word('mapOf')} ${text(this.catalog.city.title)}. ${word('mapKeys')}`);
    this.redraw();
  }

  /** Draws in another style of the server, of another catalogue. */
  restyle(style: StyleSpecification, catalog: Catalog): void {
    this.style = style;
    this.catalog = catalog;
    this.redraw();
  }

  /** Asks for all tiles again: anything may have changed. */
  refresh(): void {
    this.tiles.refreshAll(this.sources());
  }

  /** Asks for these tiles again. */
  refreshChanged(changed: ChangedTiles): void {
    this.tiles.refresh(this.sources(), changed);
  }

  /** The layers that are drawn, base layers included, and the part of the world that is on the screen. */
  shown(): Shown {
    const drawn = this.drawnStyle().layers.filter(({ layout }) => layout?.visibility !== 'none');
    const layers = this.catalog.layers.filter(({ id }) => drawn.some((layer) => sourceLayer(layer) === id));
    const [[west, south], [east, north]] = this.map.getBounds().toArray();
    return { layers: layers.map(({ id }) => id), box: [west, south, east, north] };
  }

  private sources(): string[] {
    return Object.keys(this.style.sources).filter((source) => this.map.getSource(source));
  }

  /** Moves to the whole city. */
  showCity(covered: Covered): void {
    this.map.fitBounds(this.catalog.city.bbox, { padding: beside(covered) });
  }

  /**
   * The feature that a person means by a place on the screen, in pixels: what is drawn right there;
   * where that is only the ground, a line or small thing close by.
   */
  pick(x: number, y: number): PlacedFeature | undefined {
    const [exact] = this.featuresIn([x, y]);
    if (exact && !isGround(exact)) return toPlaced(exact);
    const near = this.featuresIn([
      [x - CLICK_REACH_PX, y - CLICK_REACH_PX],
      [x + CLICK_REACH_PX, y + CLICK_REACH_PX],
    ]).find((candidate) => !isGround(candidate));
    const meant = near ?? exact;
    return meant && toPlaced(meant);
  }

  /** Moves so that all places are in the part of the map that no card covers; not nearer than now. */
  bringIntoView(places: LonLat[], covered: Padding): void {
    const { clientWidth: width, clientHeight: height } = this.map.getContainer();
    const isSeen = (place: LonLat) => {
      const { x, y } = this.map.project(place);
      return x > covered.left && x < width - covered.right && y > covered.top && y < height - covered.bottom;
    };
    if (places.every(isSeen)) return;
    const [lons, lats] = [places.map(([lon]) => lon), places.map(([, lat]) => lat)];
    const box: [number, number, number, number] = [Math.min(...lons), Math.min(...lats), Math.max(...lons), Math.max(...lats)];
    this.map.fitBounds(box, { padding: covered, maxZoom: this.map.getZoom() });
  }

  /** Attributes of the features of a layer that are on the screen. */
  drawnFeatures(layerId: string): Properties[] {
    const layers = styleLayersOf(this.style, layerId).flatMap(({ id }) => (this.map.getLayer(id) ? [id] : []));
    return this.map.queryRenderedFeatures({ layers }).map(({ properties }) => properties);
  }

  private featuresIn(place: PointLike | [PointLike, PointLike]): MapGeoJSONFeature[] {
    const known = new Set(this.catalog.layers.map((layer) => layer.id));
    return this.map
      .queryRenderedFeatures(place)
      .filter((feature) => known.has(feature.sourceLayer ?? '') && feature.id !== undefined && !this.isHiddenBase(feature));
  }

  /** The base of a layer that is switched off is scenery: nobody asks for it. */
  private isHiddenBase({ layer, sourceLayer = '' }: MapGeoJSONFeature): boolean {
    return isBase(layer) && !this.view.isOn(sourceLayer);
  }
}

/** Room around the city beside the cards. */
function beside({ left, bottom }: Covered): Padding {
  const edge = CITY_PADDING_PX;
  return { top: edge, right: edge, bottom: bottom + edge, left: left + edge };
}

function isGround(feature: MapGeoJSONFeature): boolean {
  return feature.sourceLayer === GROUND_LAYER || isBase(feature.layer);
}

function toPlaced(feature: MapGeoJSONFeature): PlacedFeature {
  return { layer: String(feature.sourceLayer), id: Number(feature.id), properties: feature.properties };
}
