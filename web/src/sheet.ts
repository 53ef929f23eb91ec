// The sheet of one feature: what it is, its attributes in words, where that is known from, and what
// else lies at the same place.

import type { Attribute, Catalog, Layer, PlacedFeature } from './api';
import { closeButton, LINK_ICON } from './buttons';
import { byId, element, icon } from './dom';
import { attributeLabel, attributeValue, beginning, capitalised, distance, ending, language, number, text, word } from './i18n';
import { headingOf, isCoded, NAME_ROWS } from './heading';
import { GROUND_LAYER } from './map';
import { drawThen } from './sheet_then';
import { sourceLines } from './source_line';

/** What the sheet shows. */
export interface SheetContent {
  /** The feature that was meant, with all attributes once the server has answered. */
  feature: PlacedFeature;
  /** Other features at the place. */
  others: PlacedFeature[];
  lon: number;
  lat: number;
  /** How far the full record is. */
  record: 'loading' | 'complete' | 'failed';
}

/** What the sheet asks of the page. */
export interface SheetActions {
  close(): void;
  copyLink(): void;
  choose(feature: PlacedFeature): void;
}

/** Keys of other people's systems: worth keeping, read last. */
const FOREIGN_KEYS = ['osm_id'];

/** Nearer than this, a place is on the thing. */
const ON_IT_M = 0.5;

/** Writes the sheet and opens it. */
export function drawSheet(content: SheetContent, catalog: Catalog, actions: SheetActions): void {
  const layer = catalog.layers.find((candidate) => candidate.id === content.feature.layer);
  if (!layer) return;
  const sheet = byId('sheet');
  const heading = headingOf(content.feature, layer);
  const copy = element('button', { type: 'button', class: 'icon-button', 'aria-label': word('copyLink'), title: word('copyLink') }, icon(LINK_ICON));
  copy.addEventListener('click', actions.copyLink);
  sheet.replaceChildren(
    element(
      'div',
      { class: 'sheet-head' },
      heading === text(layer.title) ? null : element('p', { class: 'kicker' }, text(layer.title)),
      element('h2', { id: 'sheet-title', tabindex: -1, dir: 'auto', title: heading }, heading),
      isMadeUp(content.feature) ? element('p', { class: 'badge badge-synthetic' }, word('syntheticTitle')) : null,
      element('div', { class: 'sheet-buttons' }, copy, closeButton(actions.close)),
    ),
    element(
      'div',
      { class: 'sheet-body' },
      attributeList(content, layer, heading),
      layer.id === GROUND_LAYER ? drawThen(content.lon, content.lat, catalog) : null,
      content.record === 'failed' ? element('p', { class: 'notice' }, word('detailsFailed')) : null,
      otherList(content.others, catalog, actions),
      footer(content, layer),
    ),
  );
  sheet.hidden = false;
  sheet.setAttribute('aria-busy', String(content.record === 'loading'));
  document.body.classList.add('sheet-open');
}

/** Moves the keyboard to the sheet. */
export function focusSheet(): void {
  byId('sheet-title').focus();
}

/** Closes the sheet. */
export function hideSheet(): void {
  byId('sheet').hidden = true;
  document.body.classList.remove('sheet-open');
}

function attributeList({ feature, record }: SheetContent, layer: Layer, heading: string): HTMLElement {
  const isForeign = (attribute: Attribute) => Number(FOREIGN_KEYS.includes(attribute.name));
  const inOrder = [...layer.attributes].sort((one, other) => isForeign(one) - isForeign(other));
  const rows = inOrder.flatMap((attribute) => {
    const value = attributeValue(attribute, feature.properties[attribute.name]);
    if (value === undefined || isRepeated(attribute.name, value, heading)) return [];
    const shown = isCoded(attribute) || attribute.type === 'boolean' ? capitalised(value) : value;
    return [element('dt', {}, attributeLabel(attribute)), element('dd', { dir: 'auto' }, shown)];
  });
  rows.push(...ownRows(feature));
  if (rows.length > 0) return element('dl', {}, ...rows);
  return element('p', { class: 'notice' }, word(record === 'loading' ? 'loading' : 'noDetails'));
}

/** A generator made it, for trials. */
function isMadeUp({ properties }: PlacedFeature): boolean {
  return properties['source'] === 'synthetic';
}

/** What every feature may have beside its attributes: how far it is, and from when to when it counts. */
function ownRows({ properties, valid_from: from, valid_to: to }: PlacedFeature): HTMLElement[] {
  const metres = properties['distance_m'];
  const rows: [string, string][] = [];
  if (typeof metres === 'number' && metres >= ON_IT_M) rows.push([word('distance'), distance(metres)]);
  if (from) rows.push([word('validFrom'), beginning(from)]);
  if (to) rows.push([word('validTo'), ending(to)]);
  return rows.flatMap(([label, value]) => [element('dt', {}, label), element('dd', {}, value)]);
}

/** The heading says it already, or says it in the other language. */
function isRepeated(name: string, value: string, heading: string): boolean {
  return value === heading || (NAME_ROWS.includes(name) && heading.endsWith(value));
}

function otherList(others: PlacedFeature[], catalog: Catalog, actions: SheetActions): HTMLElement | null {
  const entries = others.flatMap((feature) => {
    const layer = catalog.layers.find((candidate) => candidate.id === feature.layer);
    if (!layer) return [];
    const button = element(
      'button',
      { type: 'button', class: 'other' },
      element('span', { class: 'other-name', dir: 'auto' }, headingOf(feature, layer)),
      isMadeUp(feature) ? element('span', { class: 'badge badge-synthetic' }, word('synthetic')) : null,
      element('span', { class: 'other-layer' }, text(layer.title)),
    );
    button.addEventListener('click', () => actions.choose(feature));
    return [element('li', {}, button)];
  });
  if (entries.length === 0) return null;
  return element('section', { class: 'others' }, element('h3', {}, word('alsoHere')), element('ul', {}, ...entries));
}

function footer({ lon, lat }: SheetContent, layer: Layer): HTMLElement {
  const degrees = (value: number) => number(value, 5);
  const separator = language() === 'vi' ? '; ' : ', ';
  return element(
    'div',
    { class: 'sheet-foot' },
    ...sourceLines(layer).map((line) => element('p', {}, `${word('source')}: ${line}`)),
    element('p', {}, `${word('position')}: ${degrees(lon)}${separator}${degrees(lat)} (WGS 84)`),
  );
}
