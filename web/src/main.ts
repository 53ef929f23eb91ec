// The page: reads the catalogue and the style, starts the map and joins the parts.

import './page.css';
import type { StyleSpecification } from 'maplibre-gl';
import { type Catalog, fetchAt, fetchCatalog, fetchStyle, type PlacedFeature } from './api';
import { byId } from './dom';
import { language, onLanguage, text, word, type Word } from './i18n';
import { CityMap } from './map';
import { closePanel, connectPanelToggle, drawPanel, drawPanelFailure, markByZoom, nameToggle } from './panel';
import { readHash, writeHash } from './permalink';
import { drawSheet, focusSheet, hideSheet, type SheetContent } from './sheet';
import { drawStatus, watchServer } from './status';
import { drawAttribution, drawLanguages, drawTools, nameTools } from './tools';

/** Part of the address with the ids of the hidden layers. */
const HIDDEN_PART = 'off';

/** A place beside the sheet keeps this distance from it. */
const UNCOVER_MARGIN_PX = 80;

const RETRY_AFTER_MS = 3_000;
const DARK = matchMedia('(prefers-color-scheme: dark)');

declare global {
  interface Window {
    /** The MapLibre map, for tests and the curious. */
    urbisMap?: CityMap['map'];
  }
}

/** Everything that the page holds once it runs. */
class Page {
  private sheet: SheetContent | undefined;
  private asking: AbortController | undefined;
  private focusBefore: HTMLElement | undefined;

  constructor(
    private catalog: Catalog,
    private style: StyleSpecification,
    private readonly city: CityMap,
  ) {
    const { map } = city;
    map.on('click', (event) => this.inspect(event.point, event.lngLat));
    map.on('zoomend', () => markByZoom(this.catalog, map.getZoom()));
    map.getCanvas().addEventListener('keydown', (event) => {
      if (event.key === 'Enter') this.inspect(map.project(map.getCenter()), map.getCenter());
    });
    document.addEventListener('keydown', (event) => {
      if (event.key === 'Escape') this.closeSheet();
    });
    DARK.addEventListener('change', () => void this.restyle());
    drawTools(city);
    onLanguage(() => this.translate());
  }

  /** Writes all words anew in the page's language. */
  private translate(): void {
    document.title = `Urbis · ${text(this.catalog.city.title)}`;
    byId('city').textContent = text(this.catalog.city.title);
    nameTools();
    drawAttribution(this.catalog);
    this.city.translate();
    this.drawPanel();
    this.drawSheet();
  }

  /** The data has changed: the tiles, the counts and the open sheet are read again. */
  async refresh(): Promise<void> {
    this.city.refresh();
    this.catalog = await fetchCatalog();
    this.drawPanel();
    drawAttribution(this.catalog);
    if (this.sheet) await this.ask(this.sheet);
  }

  private async restyle(): Promise<void> {
    this.style = await fetchStyle<StyleSpecification>(styleId());
    this.city.restyle(this.style);
    this.drawPanel();
  }

  private drawPanel(): void {
    const remember = () => writeHash(HIDDEN_PART, this.city.hiddenLayers().join(','));
    drawPanel(this.catalog, this.style, {
      hidden: () => this.city.hiddenLayers(),
      show: (layer) => {
        this.city.show(layer);
        remember();
      },
      hide: (layer) => {
        this.city.hide(layer);
        remember();
      },
      zoom: () => this.city.map.getZoom(),
    });
  }

  /** Opens the sheet of what is meant by a place: at once from the map, then in full from the server. */
  private inspect(pixel: { x: number; y: number }, at: { lng: number; lat: number }): void {
    const picked = this.city.pick(pixel.x, pixel.y);
    if (!picked) {
      this.closeSheet();
      return;
    }
    closePanel();
    if (byId('sheet').hidden) this.focusBefore = document.activeElement as HTMLElement;
    const content: SheetContent = { feature: picked, others: [], lon: at.lng, lat: at.lat, record: 'loading' };
    this.open(content);
    this.uncover(pixel);
    void this.ask(content);
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
      this.sheet = complete(content, found);
    } catch {
      if (asking.signal.aborted) return;
      this.sheet = { ...content, record: 'failed' };
    }
    this.drawSheet();
  }

  private open(content: SheetContent): void {
    this.sheet = content;
    this.city.select(content.feature);
    this.drawSheet();
    focusSheet();
  }

  private drawSheet(): void {
    if (!this.sheet) return;
    const hadFocus = byId('sheet').contains(document.activeElement);
    const { feature, others } = this.sheet;
    drawSheet(this.sheet, this.catalog, {
      close: () => this.closeSheet(),
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
    (this.focusBefore ?? this.city.map.getCanvas()).focus();
  }
}

/** Puts the server's full record in place of what the tile said. */
function complete(content: SheetContent, found: PlacedFeature[]): SheetContent {
  const { feature } = content;
  const same = (other: PlacedFeature) => other.layer === feature.layer && String(other.id) === String(feature.id);
  const full = found.find(same);
  const others = found.filter((other) => !same(other));
  const properties = full ? full.properties : feature.properties;
  return { ...content, feature: { ...feature, properties }, others, record: 'complete' };
}

function styleId(): string {
  return DARK.matches ? 'danang_dark' : 'danang';
}

/** Reads what the page needs; a server that is just starting is asked again. */
async function readStart(): Promise<[Catalog, StyleSpecification]> {
  for (;;) {
    try {
      return await Promise.all([fetchCatalog(), fetchStyle<StyleSpecification>(styleId())]);
    } catch {
      drawPanelFailure();
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER_MS));
    }
  }
}

function translateFrame(): void {
  document.documentElement.lang = language();
  for (const marked of document.querySelectorAll<HTMLElement>('[data-text]')) {
    marked.textContent = word(marked.dataset['text'] as Word);
  }
  drawLanguages();
  nameToggle();
  drawStatus();
}

async function start(): Promise<void> {
  connectPanelToggle();
  onLanguage(translateFrame);
  let page: Page | undefined;
  watchServer(() => void page?.refresh());
  const [catalog, style] = await readStart();
  const hidden = (readHash(HIDDEN_PART) ?? '').split(',').filter((id) => id !== '');
  const city = new CityMap(byId('map'), catalog, style, hidden);
  window.urbisMap = city.map;
  page = new Page(catalog, style, city);
}

void start();
