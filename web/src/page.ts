// Everything that the page holds once it runs: the catalogue, the map, the open sheet, and how a
// change of one reaches the others.

import type { StyleSpecification } from 'maplibre-gl';
import {
  askHealth,
  type Catalog,
  fetchAt,
  fetchCatalog,
  fetchStyle,
  type FoundPlace,
  lastRevision,
  type Layer,
  type LonLat,
  type PlacedFeature,
} from './api';
import { followAppearance, isDark, nextAppearance, onAppearance, setAppearance } from './appearance';
import { drawBanner, syntheticWarning } from './banner';
import { say } from './dialog';
import { Dispatch } from './dispatch';
import { byId } from './dom';
import { connectShortcuts, openHelp, type Shortcut } from './help';
import { followLanguage, language, onLanguage, setLanguage, text, word } from './i18n';
import { drawIdentity } from './identity';
import { takeFromAddress } from './key';
import { keepDrawn, legendOf } from './legend';
import { Live } from './live';
import { onLongPress } from './long_press';
import type { CityMap, Padding } from './map';
import { NearestTool } from './nearest';
import { closePanel, drawnLegends, drawPanel, followDrawn, followZoom, openPanel, type PanelContent } from './panel';
import { readPlace, writePlace } from './place_link';
import { drawPrint, type Print } from './print';
import { pointMark } from './marks';
import { openPrintDialog } from './print_dialog';
import { SearchBox } from './search';
import { attributionLines } from './source_line';
import { drawSheet, focusSheet, hideSheet, type SheetContent } from './sheet';
import { besideIt, complete, isBare, isSame } from './sheet_record';
import { throttled } from './throttle';
import { drawAttribution, drawTools, nameTools } from './tools';
import type { View } from './view';

const LIGHT_STYLE = 'danang';
const DARK_STYLE = 'danang_dark';

/** A place beside the sheet keeps this distance from it. */
const UNCOVER_MARGIN_PX = 80;

/** A place that is opened from a list is looked at from here or nearer. */
const PLACE_ZOOM = 15;

/** A result of the search is looked at from here, or from farther where it is larger. */
const FOUND_ZOOM = 17;

/** Least time between two readings of the catalogue, however fast the city changes. */
const READ_EVERY_MS = 1_000;

export class Page {
  private sheet: SheetContent | undefined;
  private asking: AbortController | undefined;
  private focusBefore: HTMLElement | undefined;
  private readonly near: NearestTool;
  private readonly search: SearchBox;
  readonly dispatch: Dispatch;
  private readonly view: View;
  private readonly live: Live;

  /** The data has changed: the counts and the open sheet are read again, and the rest where no stream says what. */
  readonly refresh = throttled(() => {
    if (!this.live.isLive) this.everythingChanged();
    // Where it fails the chip says so, and the next change asks again.
    this.readAgain().catch(() => undefined);
  }, READ_EVERY_MS);

  constructor(
    private catalog: Catalog,
    private style: StyleSpecification,
    private readonly city: CityMap,
  ) {
    const { map } = city;
    this.view = city.view;
    this.near = new NearestTool(catalog, {
      centre: () => map.getCenter().toArray() as LonLat,
      mark: (marks) => city.mark(marks),
      bringIntoView: (places) => city.bringIntoView(places, uncovered(byId('nearest'))),
      open: (feature, at) => this.openPlace(feature, at),
      left: () => map.getCanvas().focus(),
    });
    this.search = new SearchBox({
      centre: () => map.getCenter().wrap().toArray() as LonLat,
      open: (found) => this.openFound(found),
      left: () => map.getCanvas().focus(),
    });
    this.dispatch = new Dispatch(city, {
      bringIntoView: (places, card) => city.bringIntoView(places, uncovered(card)),
      makeRoom: () => this.makeRoom(),
    });
    this.listen();
    onLanguage(() => this.translate());
    onAppearance(() => void this.restyle());
    map.once('idle', () => this.drawPanel());
    this.live = new Live(
      {
        shown: () => city.shown(),
        changed: (tiles) => city.refreshChanged(tiles),
        everythingChanged: () => this.everythingChanged(),
        unitsChanged: (changes) => this.dispatch.take(changes),
        roadsChanged: () => this.dispatch.incident.refresh(),
        liveChanged: (isLive) => {
          byId('status').dataset['live'] = String(isLive);
          // A page that is left loses its stream, too, and has nothing to ask.
          if (!isLive && !document.hidden) void askHealth();
        },
      },
      lastRevision(),
    );
    map.on('moveend', () => this.live.follow());
    this.openLinkedPlace();
  }

  /** Whether the server tells the map of every change by itself. */
  get isLive(): boolean {
    return this.live.isLive;
  }

  private everythingChanged(): void {
    this.city.refresh();
    this.dispatch.incident.refresh();
  }

  private async readAgain(): Promise<void> {
    this.catalog = await fetchCatalog();
    this.city.restyle(this.style, this.catalog);
    this.drawFrame();
    if (this.sheet) await this.ask(this.sheet);
  }

  private listen(): void {
    const { map } = this.city;
    map.on('click', (event) => this.meant(event.point, event.lngLat));
    map.on('zoomend', followZoom);
    onLongPress(map, (place) => this.dispatch.openIncident(place));
    map.on('idle', followDrawn);
    map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.meant(map.project(map.getCenter()), map.getCenter());
    });
    document.addEventListener('keydown', (event) => {
      if (event.key !== 'Escape' || document.querySelector('dialog[open]')) return;
      if (this.sheet) this.closeSheet();
      else if (this.dispatch.hasSheet) this.dispatch.closeSheet();
      else if (this.near.isOpen) this.near.close();
      else this.dispatch.incident.close();
    });
    window.addEventListener('popstate', () => this.followAddress());
    window.addEventListener('hashchange', () => this.followAddress());
    const tools = {
      incident: () => this.dispatch.toggleIncident(),
      nearest: () => this.toggleNearest(),
      print: () => this.print(),
      copyLink: () => void copyLink(),
      help: () => openHelp(shortcuts),
    };
    drawTools(this.city, tools);
    const shortcuts: Shortcut[] = [
      { key: '?', name: 'help', act: tools.help },
      { key: '/', name: 'search', act: () => this.search.focus() },
      { key: 'l', name: 'keyLayers', act: openPanel },
      { key: 'm', name: 'keyMap', act: () => map.getCanvas().focus() },
      { key: 'i', name: 'incident', act: tools.incident },
      { key: 'n', name: 'nearest', act: tools.nearest },
      { key: 'p', name: 'print', act: tools.print },
      { key: 'c', name: 'copyLink', act: tools.copyLink },
      { key: 'd', name: 'appearance', act: () => setAppearance(nextAppearance()) },
      { key: 'v', name: 'language', act: () => setLanguage(language() === 'vi' ? 'en' : 'vi') },
    ];
    connectShortcuts(shortcuts);
  }

  /** Writes all words anew in the page's language. */
  private translate(): void {
    document.title = `Urbis · ${text(this.catalog.city.title)}`;
    byId('city').textContent = text(this.catalog.city.title);
    nameTools();
    this.city.translate();
    this.drawFrame();
    this.drawSheet();
    this.dispatch.translate();
    this.search.translate();
  }

  /** All that is written from the catalogue. */
  private drawFrame(): void {
    this.drawPanel();
    drawAttribution(this.catalog, this.view);
    drawBanner(this.catalog, this.view);
    drawIdentity(this.catalog);
    this.near.update(this.catalog);
  }

  private async restyle(): Promise<void> {
    this.style = await fetchStyle<StyleSpecification>(styleId());
    this.city.restyle(this.style, this.catalog);
    this.drawPanel();
  }

  private drawPanel(): void {
    drawPanel(this.panelContent());
  }

  private panelContent(style = this.style): PanelContent {
    const { map } = this.city;
    return {
      catalog: this.catalog,
      style,
      view: this.view,
      zoom: () => map.getZoom(),
      sprites: (name) => map.getImage(name),
      legendOf: (layer: Layer) => legendOf(style, layer),
      drawnLegendOf: (layer: Layer) => keepDrawn(legendOf(style, layer), this.city.drawnFeatures(layer.id)),
      changed: () => this.viewChanged(),
      faded: () => this.city.redraw(),
    };
  }

  private viewChanged(): void {
    this.city.redraw();
    this.live.follow();
    this.drawPanel();
    drawBanner(this.catalog, this.view);
    drawAttribution(this.catalog, this.view);
  }

  /** Back, forward, or a link opened in this tab. */
  private followAddress(): void {
    if (takeFromAddress()) {
      location.reload();
      return;
    }
    followLanguage();
    followAppearance();
    this.view.follow(this.catalog);
    this.viewChanged();
    const place = readPlace();
    if (!place && this.sheet) this.closeSheet();
    const isOpen = place && this.sheet && isSame(this.sheet.feature, place);
    if (place && !isOpen) this.openLinkedPlace();
  }

  private openLinkedPlace(): void {
    const place = readPlace();
    if (!place || !this.catalog.layers.some(({ id }) => id === place.layer)) return;
    const feature = { layer: place.layer, id: place.id, properties: {} };
    const content: SheetContent = { feature, others: [], lon: place.lon, lat: place.lat, record: 'loading' };
    this.open(content);
    void this.askLinked(content);
  }

  /** A link may be old: what it means may have gone. */
  private async askLinked(content: SheetContent): Promise<void> {
    await this.ask(content);
    const isStillOpen = this.sheet && isSame(this.sheet.feature, content.feature);
    if (!isStillOpen || this.sheet?.record !== 'complete' || !isBare(this.sheet.feature)) return;
    this.closeSheet();
    say(word('goneFromHere'));
  }

  private toggleNearest(): void {
    if (this.near.isOpen) {
      this.near.close();
      return;
    }
    this.makeRoom();
    this.near.open();
  }

  /** Closes what lies where something else is to open. */
  private makeRoom(): void {
    this.closeSheet();
    this.dispatch.closeSheet();
    this.near.close();
    this.dispatch.incident.close();
    closePanel();
  }

  private print(): void {
    openPrintDialog(`${word('mapOf')} ${text(this.catalog.city.title)}`, async ({ title, paper, withLegend }) => {
      // Paper is white, whatever the screen.
      const style = isDark() ? await fetchStyle<StyleSpecification>(LIGHT_STYLE) : this.style;
      const content = this.panelContent(style);
      const shown = this.catalog.layers.filter(({ id }) => this.view.isOn(id));
      const print: Print = {
        title,
        paper,
        legends: withLegend ? drawnLegends(content) : [],
        warning: syntheticWarning(this.catalog, this.view),
        sources: attributionLines(shown),
      };
      return drawPrint(print, this.city, style, content.sprites);
    });
  }

  /** A click, or Enter on the map: for the open tool, or to read what is there. */
  private meant(pixel: { x: number; y: number }, at: { lng: number; lat: number }): void {
    if (this.near.isOpen) void this.near.ask([at.lng, at.lat]);
    else if (this.dispatch.incident.isOpen) void this.dispatch.incident.ask([at.lng, at.lat]);
    else if (!this.dispatch.inspect(pixel)) this.inspect(pixel, at);
  }

  /** Opens the sheet of what is meant by a place: at once from the map, then in full from the server. */
  private inspect(pixel: { x: number; y: number }, at: { lng: number; lat: number }): void {
    const picked = this.city.pick(pixel.x, pixel.y);
    if (!picked) {
      this.closeSheet();
      return;
    }
    const content: SheetContent = { feature: picked, others: [], lon: at.lng, lat: at.lat, record: 'loading' };
    this.open(content);
    this.uncover(pixel);
    void this.ask(content);
  }

  /** Opens the sheet of an answer of the nearest tool, and goes there. */
  private openPlace(feature: PlacedFeature, [lon, lat]: LonLat): void {
    const content: SheetContent = { feature, others: [], lon, lat, record: 'loading' };
    this.open(content);
    const { map } = this.city;
    map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), PLACE_ZOOM) });
    void this.ask(content);
  }

  /** Goes to a result of the search, and opens its sheet where it is a feature. */
  private openFound({ layer, id, lon, lat, bbox }: FoundPlace): void {
    this.makeRoom();
    if (layer !== null && id !== null) {
      const content: SheetContent = { feature: { layer, id, properties: {} }, others: [], lon, lat, record: 'loading' };
      this.open(content);
      void this.ask(content);
    } else {
      this.city.mark({ type: 'FeatureCollection', features: [pointMark([lon, lat])] });
    }
    const { map } = this.city;
    const padding = uncovered(byId(layer === null ? 'tools' : 'sheet'));
    const isPoint = bbox[0] === bbox[2] && bbox[1] === bbox[3];
    const offset: [number, number] = [(padding.left - padding.right) / 2, (padding.top - padding.bottom) / 2];
    if (isPoint) map.easeTo({ center: [lon, lat], zoom: Math.max(map.getZoom(), FOUND_ZOOM), offset });
    else map.fitBounds(bbox, { padding, maxZoom: FOUND_ZOOM });
  }

  /** Moves the map so that the sheet does not lie on the place it speaks of. */
  private uncover(pixel: { x: number; y: number }): void {
    const sheet = byId('sheet').getBoundingClientRect();
    if (pixel.x < sheet.left || pixel.y < sheet.top || pixel.y > sheet.bottom) return;
    const isBottomSheet = sheet.width >= window.innerWidth;
    const aside = isBottomSheet ? [0, pixel.y - sheet.top / 2] : [pixel.x - sheet.left + UNCOVER_MARGIN_PX, 0];
    this.city.map.panBy(aside as [number, number]);
  }

  private async ask(content: SheetContent): Promise<void> {
    this.asking?.abort();
    const asking = new AbortController();
    this.asking = asking;
    try {
      const found = await fetchAt(content.lon, content.lat, asking.signal);
      const completed = complete(content, this.withoutHiddenTrials(found));
      this.sheet = isBare(completed.feature) ? await besideIt(completed, asking.signal) : completed;
    } catch {
      if (asking.signal.aborted) return;
      this.sheet = { ...content, record: 'failed' };
    }
    this.drawSheet();
  }

  /** Made-up features of layers that are off are of no interest to who has not asked for them. */
  private withoutHiddenTrials(features: PlacedFeature[]): PlacedFeature[] {
    const trials = new Set(this.catalog.layers.filter(({ id, synthetic }) => synthetic && !this.view.isOn(id)).map(({ id }) => id));
    return features.filter(({ layer }) => !trials.has(layer));
  }

  private open(content: SheetContent): void {
    closePanel();
    this.dispatch.closeSheet();
    if (byId('sheet').hidden) this.focusBefore = document.activeElement as HTMLElement;
    this.sheet = content;
    this.city.select(content.feature);
    writePlace({ lon: content.lon, lat: content.lat, layer: content.feature.layer, id: content.feature.id });
    this.drawSheet();
    focusSheet();
  }

  private drawSheet(): void {
    if (!this.sheet) return;
    const hadFocus = byId('sheet').contains(document.activeElement);
    const { feature, others } = this.sheet;
    drawSheet(this.sheet, this.catalog, {
      close: () => this.closeSheet(),
      copyLink: () => void copyLink(),
      choose: (chosen) => {
        const rest = [feature, ...others].filter((candidate) => candidate !== chosen);
        if (this.sheet) this.open({ ...this.sheet, feature: chosen, others: rest });
      },
    });
    if (hadFocus) focusSheet();
  }

  private closeSheet(): void {
    if (!this.sheet) return;
    this.asking?.abort();
    this.sheet = undefined;
    hideSheet();
    this.city.select(undefined);
    writePlace(undefined);
    const before = this.focusBefore?.isConnected ? this.focusBefore : undefined;
    (before ?? this.city.map.getCanvas()).focus();
  }
}

/** Pixels at each side of the map that cards lie on, while this one is open. */
function uncovered(card: HTMLElement): Padding {
  const { left, top, width } = card.getBoundingClientRect();
  const edge = UNCOVER_MARGIN_PX / 2;
  const isBottomSheet = width >= window.innerWidth;
  if (isBottomSheet) return { top: 2 * edge, left: edge, right: 2 * edge, bottom: window.innerHeight - top + edge };
  const panel = byId('panel').getBoundingClientRect();
  return { top: 2 * edge, left: panel.right + edge, right: window.innerWidth - left + edge, bottom: 2 * edge };
}

/** The style of the page's appearance. */
export function styleId(): string {
  return isDark() ? DARK_STYLE : LIGHT_STYLE;
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(location.href);
    say(word('linkCopied'));
  } catch {
    say(word('linkNotCopied'));
  }
}
