// The list of layers by theme: what is drawn, how much of it there is, and how it looks.

import type { StyleSpecification } from 'maplibre-gl';
import type { Catalog, Layer } from './api';
import { byId, element, icon, svg } from './dom';
import { capitalised, number, text, word } from './i18n';
import { type Legend, legendOf, MOST_VALUES_BY_NAME, styleLayersOf, type Swatch } from './legend';

/** What the panel asks of the map. */
export interface LayerSwitch {
  hidden(): string[];
  show(layer: string): void;
  hide(layer: string): void;
  zoom(): number;
}

const LAYERS_ICON = 'M10 3 2.5 7 10 11l7.5-4L10 3ZM2.5 10.5 10 14.5l7.5-4M2.5 14 10 18l7.5-4';
const SWATCH_WIDTH = 30;
const SWATCH_HEIGHT = 14;

/** Writes the panel anew for this catalogue, style and the page's language. */
export function drawPanel(catalog: Catalog, style: StyleSpecification, layers: LayerSwitch): void {
  const panel = byId('panel');
  panel.setAttribute('aria-label', word('layers'));
  const focused = panel.contains(document.activeElement) ? document.activeElement?.id : undefined;

  const shown = catalog.layers.filter((layer) => styleLayersOf(style, layer.id).length > 0);
  const themes = catalog.themes
    .map((theme) => ({ theme, members: shown.filter((layer) => layer.theme === theme.id) }))
    .filter(({ members }) => members.length > 0)
    .map(({ theme, members }) =>
      element(
        'section',
        { class: 'theme' },
        element('h3', {}, text(theme.title)),
        ...members.map((layer) => layerEntry(layer, legendOf(style, layer), layers)),
      ),
    );
  panel.replaceChildren(element('h2', {}, word('layers')), ...themes);
  if (focused) document.getElementById(focused)?.focus();
  markByZoom(catalog, layers.zoom());
}

/** Says that the list could not be read. */
export function drawPanelFailure(): void {
  byId('panel').replaceChildren(
    element('h2', {}, word('layers')),
    element('p', { class: 'notice', role: 'alert' }, word('layersFailed')),
  );
}

/** Greys the layers that have nothing to show at this zoom. */
export function markByZoom(catalog: Catalog, zoom: number): void {
  for (const layer of catalog.layers) {
    const entry = document.getElementById(`layer-${layer.id}`);
    entry?.classList.toggle('too-far', Math.floor(zoom) < layer.minzoom);
  }
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

/** Names the button by what it does now. */
export function nameToggle(): void {
  const toggle = byId('panel-toggle');
  toggle.setAttribute('aria-expanded', String(isOpen()));
  toggle.setAttribute('aria-label', word(isOpen() ? 'hideLayers' : 'showLayers'));
}

function openPanel(): void {
  document.body.classList.add('panel-open');
  nameToggle();
  byId('panel').focus();
}

function isOpen(): boolean {
  return document.body.classList.contains('panel-open');
}

function layerEntry(layer: Layer, legend: Legend, layers: LayerSwitch): HTMLElement {
  const id = `layer-switch-${layer.id}`;
  const input = element('input', {
    id,
    type: 'checkbox',
    role: 'switch',
    checked: !layers.hidden().includes(layer.id),
    'aria-describedby': `layer-about-${layer.id}`,
  });
  input.addEventListener('change', () => (input.checked ? layers.show(layer.id) : layers.hide(layer.id)));
  const single = legend.attribute ? undefined : legend.swatches[0];
  return element(
    'div',
    { class: 'layer', id: `layer-${layer.id}` },
    element(
      'label',
      { for: id },
      single ? drawSwatch(single) : null,
      element('span', { class: 'layer-title', title: text(layer.description) }, text(layer.title)),
      element('span', { class: 'count', title: `${number(layer.count)} ${word('features')}` }, number(layer.count)),
      input,
    ),
    element('p', { class: 'about', id: `layer-about-${layer.id}` }, text(layer.description)),
    element('p', { class: 'hint' }, word('fromZoom')),
    legend.attribute ? legendList(legend) : null,
  );
}

function legendList(legend: Legend): HTMLElement {
  const rows = legend.swatches.map((swatch) =>
    element('li', {}, drawSwatch(swatch), element('span', {}, swatchLabel(legend, swatch))),
  );
  return element('ul', { class: 'legend' }, ...rows);
}

/** Names a swatch by its first values; the links of a road class go without saying. */
function swatchLabel(legend: Legend, swatch: Swatch): string {
  if (swatch.rest) return capitalised(word('otherValues'));
  const isLink = (value: string) => value.endsWith('_link') && swatch.values.includes(value.replace(/_link$/, ''));
  const main = swatch.values.filter((value) => !isLink(value));
  const labels = main.slice(0, MOST_VALUES_BY_NAME).flatMap((value) => {
    const label = legend.attribute?.values?.[value];
    return label ? [text(label)] : [];
  });
  const more = main.length > MOST_VALUES_BY_NAME ? '…' : '';
  return capitalised(labels.join('; ')) + more;
}

function drawSwatch(swatch: Swatch): SVGElement {
  const frame = { width: SWATCH_WIDTH, height: SWATCH_HEIGHT, 'aria-hidden': 'true', class: 'swatch' };
  const dashes = swatch.dashes?.map((dash) => dash * swatch.width).join(' ');
  if (swatch.kind === 'fill') {
    const box = { x: 1, y: 1, width: SWATCH_WIDTH - 2, height: SWATCH_HEIGHT - 2, rx: 2 };
    const stroke = { stroke: swatch.outline, 'stroke-width': 1.2, 'stroke-dasharray': dashes };
    return svg('svg', frame, svg('rect', { ...box, fill: swatch.color, ...stroke }));
  }
  const middle = { x1: 2, x2: SWATCH_WIDTH - 2, y1: SWATCH_HEIGHT / 2, y2: SWATCH_HEIGHT / 2 };
  const casing = swatch.outline
    ? svg('line', { ...middle, stroke: swatch.outline, 'stroke-width': swatch.width + 2, 'stroke-linecap': 'round' })
    : null;
  const line = svg('line', {
    ...middle,
    stroke: swatch.color,
    'stroke-width': swatch.width,
    'stroke-dasharray': dashes,
    'stroke-linecap': dashes ? 'butt' : 'round',
  });
  return svg('svg', frame, casing, line);
}
