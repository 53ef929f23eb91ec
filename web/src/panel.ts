// The panel: the themes with their layers to switch, or the legend of what is on the map.

import type { StyleSpecification } from 'maplibre-gl';
import type { Catalog, Layer } from './api';
import { CHEVRON_ICON } from './buttons';
import { byId, element, icon, rewrite } from './dom';
import { styleLayersOf } from './drawn_style';
import { text, type Word, word } from './i18n';
import { drawLayerEntry } from './layer_entry';
import type { Swatch } from './legend';
import { drawLegend } from './legend_list';
import type { Sprites } from './swatch';
import type { View } from './view';

/** A layer and its legend. */
export interface DrawnLegend {
  layer: Layer;
  swatches: Swatch[];
}

/** What the panel is drawn from, and what it asks of the page. */
export interface PanelContent {
  catalog: Catalog;
  style: StyleSpecification;
  view: View;
  zoom(): number;
  sprites: Sprites;
  legendOf(layer: Layer): Swatch[];
  /** Likewise, but only of what is on the screen. */
  drawnLegendOf(layer: Layer): Swatch[];
  /** A switch was turned. */
  changed(): void;
  /** An opacity was moved: the panel itself stays, the reader holds its slider. */
  faded(): void;
}

const LAYERS_ICON = 'M10 3 2.5 7 10 11l7.5-4L10 3ZM2.5 10.5 10 14.5l7.5-4M2.5 14 10 18l7.5-4';

const VIEWS = ['layers', 'legend'] as const satisfies readonly Word[];
type PanelView = (typeof VIEWS)[number];

let view: PanelView = 'layers';
let lastContent: PanelContent | undefined;

/** Themes that the reader has closed. */
const closed = new Set<string>();

/** Writes the panel anew for this catalogue, style and the page's language. */
export function drawPanel(content: PanelContent): void {
  lastContent = content;
  const panel = byId('panel');
  panel.setAttribute('aria-label', word('layers'));
  const scrolled = panel.lastElementChild?.scrollTop ?? 0;
  const body = element('div', { class: 'panel-body' }, ...(view === 'layers' ? themes(content) : [legend(content)]));
  rewrite(panel, () => {
    panel.replaceChildren(element('h2', { class: 'unseen' }, word(view)), tabs(), body);
    body.scrollTop = scrolled;
  });
  if (view === 'layers') markByZoom(content);
}

/** Says that the list could not be read. */
export function drawPanelFailure(): void {
  byId('panel').replaceChildren(
    element('h2', {}, word('layers')),
    element('p', { class: 'notice', role: 'alert' }, word('layersFailed')),
  );
}

/** Greys the layers that have nothing to show at this zoom. */
export function followZoom(): void {
  if (lastContent) markByZoom(lastContent);
}

/** Keeps the legend to what is drawn, once the map has come to rest. */
export function followDrawn(): void {
  if (lastContent && view === 'legend') drawPanel(lastContent);
}

/** Legends of what is on the map now, in the order of the themes; nothing that is not seen. */
export function drawnLegends({ catalog, style, view: shown, zoom, drawnLegendOf }: PanelContent): DrawnLegend[] {
  return catalog.themes
    .flatMap((theme) => membersOf(theme.id, catalog, style))
    .filter((layer) => shown.isOn(layer.id) && !isTooFar(layer, zoom()))
    .map((layer) => ({ layer, swatches: drawnLegendOf(layer) }))
    .filter(({ swatches }) => swatches.length > 0);
}

/** Makes the button that opens the panel on narrow screens. */
export function connectPanelToggle(): void {
  const toggle = byId('panel-toggle');
  toggle.append(icon(LAYERS_ICON));
  toggle.addEventListener('click', () => (isOpen() ? closePanel() : openPanel()));
  byId('panel').addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !isOpen()) return;
    closePanel();
    toggle.focus();
  });
  nameToggle();
}

/** Closes the panel on narrow screens; on wide ones it always stands. */
export function closePanel(): void {
  document.body.classList.remove('panel-open');
  nameToggle();
}

/** Opens the panel where it is closed, and gives it the keyboard. */
export function openPanel(): void {
  document.body.classList.add('panel-open');
  nameToggle();
  byId('panel').focus();
}

/** Names the button by what it does now. */
export function nameToggle(): void {
  const toggle = byId('panel-toggle');
  toggle.setAttribute('aria-expanded', String(isOpen()));
  toggle.setAttribute('aria-label', word(isOpen() ? 'hideLayers' : 'showLayers'));
}

function isOpen(): boolean {
  return document.body.classList.contains('panel-open');
}

function isTooFar(layer: Layer, zoom: number): boolean {
  return Math.floor(zoom) < layer.minzoom;
}

function markByZoom({ catalog, zoom }: PanelContent): void {
  for (const layer of catalog.layers) {
    document.getElementById(`layer-${layer.id}`)?.classList.toggle('too-far', isTooFar(layer, zoom()));
  }
}

function membersOf(theme: string, catalog: Catalog, style: StyleSpecification): Layer[] {
  return catalog.layers.filter((layer) => layer.theme === theme && styleLayersOf(style, layer.id).length > 0);
}

function tabs(): HTMLElement {
  const buttons = VIEWS.map((id) => {
    const button = element('button', { type: 'button', id: `panel-view-${id}`, 'aria-pressed': String(id === view) }, word(id));
    button.addEventListener('click', () => {
      view = id;
      if (lastContent) drawPanel(lastContent);
    });
    return button;
  });
  return element('div', { class: 'segments', role: 'group', 'aria-label': word('panelViews') }, ...buttons);
}

function themes(content: PanelContent): HTMLElement[] {
  const { catalog, style } = content;
  return catalog.themes
    .map((theme) => ({ theme, members: membersOf(theme.id, catalog, style) }))
    .filter(({ members }) => members.length > 0)
    .map(({ theme, members }) => themeSection(theme.id, text(theme.title), members, content));
}

function themeSection(id: string, title: string, members: Layer[], content: PanelContent): HTMLElement {
  const { view: shown, changed } = content;
  const ids = members.map((layer) => layer.id);
  const on = ids.filter((layer) => shown.isOn(layer)).length;
  const isClosed = closed.has(id);
  const toggle = element(
    'button',
    { type: 'button', id: `theme-${id}`, class: 'theme-toggle', 'aria-expanded': String(!isClosed), 'aria-controls': `theme-body-${id}` },
    icon(CHEVRON_ICON),
    element('span', { class: 'theme-title' }, title),
    element('span', { class: 'count' }, `${on}/${ids.length}`),
  );
  toggle.addEventListener('click', () => {
    if (!closed.delete(id)) closed.add(id);
    drawPanel(content);
  });
  const master = element('input', {
    id: `theme-switch-${id}`,
    type: 'checkbox',
    role: 'switch',
    checked: on === ids.length,
    'aria-label': `${title}: ${word('wholeTheme')}`,
  });
  master.indeterminate = on > 0 && on < ids.length;
  master.addEventListener('change', () => {
    if (master.checked) shown.show(ids);
    else shown.hide(ids);
    changed();
  });
  const entries = isClosed ? [] : members.map((layer) => drawLayerEntry(layer, content.legendOf(layer), content));
  return element(
    'section',
    { class: 'theme' },
    element('h3', { class: 'theme-head' }, toggle, master),
    element('div', { class: 'theme-body', id: `theme-body-${id}` }, ...entries),
  );
}

function legend(content: PanelContent): HTMLElement {
  const sections = drawnLegends(content).map(({ layer, swatches }) =>
    element('section', { class: 'legend-layer' }, element('h3', {}, text(layer.title)), drawLegend(layer, swatches, content.sprites)),
  );
  if (sections.length === 0) return element('p', { class: 'notice' }, word('legendEmpty'));
  return element('div', { class: 'legend-view' }, ...sections);
}
