// The sheet of one feature: what it is, its attributes in words, where that is known from, and what
// else lies at the same place.

import type { Attribute, Catalog, Layer, PlacedFeature, Source } from './api';
import { byId, element, icon } from './dom';
import { attributeLabel, attributeValue, capitalised, day, language, number, text, word } from './i18n';

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
  choose(feature: PlacedFeature): void;
}

/** Attributes that may name a feature, best first. */
const NAME_ATTRIBUTES = {
  vi: ['full_name', 'name', 'ref'],
  en: ['full_name_en', 'name_en', 'full_name', 'name', 'ref'],
};

/** Spellings of the name that need no row of their own under a heading. */
const NAME_ROWS = ['name', 'full_name', 'name_en', 'full_name_en'];

/** Keys of other people's systems: worth keeping, read last. */
const FOREIGN_KEYS = ['osm_id'];

/** A code that says nothing names nothing. */
const UNSPECIFIED = 'unspecified';

const CLOSE_ICON = 'M5 5l10 10M15 5 5 15';

/** Writes the sheet and opens it. */
export function drawSheet(content: SheetContent, catalog: Catalog, actions: SheetActions): void {
  const layer = catalog.layers.find((candidate) => candidate.id === content.feature.layer);
  if (!layer) return;
  const sheet = byId('sheet');
  const heading = headingOf(content.feature, layer);
  const close = element('button', { type: 'button', class: 'icon-button', 'aria-label': word('close') }, icon(CLOSE_ICON));
  close.addEventListener('click', actions.close);
  sheet.replaceChildren(
    element(
      'div',
      { class: 'sheet-head' },
      heading === text(layer.title) ? null : element('p', { class: 'kicker' }, text(layer.title)),
      element('h2', { id: 'sheet-title', tabindex: -1 }, heading),
      close,
    ),
    element(
      'div',
      { class: 'sheet-body' },
      attributeList(content, layer, heading),
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

/** What a person would call the feature. */
export function headingOf(feature: PlacedFeature, layer: Layer): string {
  for (const name of NAME_ATTRIBUTES[language()]) {
    const value = feature.properties[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  for (const attribute of layer.attributes) {
    const coded = attribute.type === 'code' && feature.properties[attribute.name] !== UNSPECIFIED;
    if (!coded) continue;
    const label = attributeValue(attribute, feature.properties[attribute.name]);
    if (label) return capitalised(label);
  }
  return text(layer.title);
}

function attributeList({ feature, record }: SheetContent, layer: Layer, heading: string): HTMLElement {
  const isForeign = (attribute: Attribute) => Number(FOREIGN_KEYS.includes(attribute.name));
  const inOrder = [...layer.attributes].sort((one, other) => isForeign(one) - isForeign(other));
  const rows = inOrder.flatMap((attribute) => {
    const value = attributeValue(attribute, feature.properties[attribute.name]);
    if (value === undefined || isRepeated(attribute.name, value, heading)) return [];
    const shown = attribute.type === 'code' ? capitalised(value) : value;
    return [element('dt', {}, attributeLabel(attribute)), element('dd', {}, shown)];
  });
  if (rows.length > 0) return element('dl', {}, ...rows);
  return element('p', { class: 'notice' }, word(record === 'loading' ? 'loading' : 'noDetails'));
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
      element('span', { class: 'other-name' }, headingOf(feature, layer)),
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
    ...layer.sources.map(sourceLine),
    element('p', {}, `${word('position')}: ${degrees(lon)}${separator}${degrees(lat)} (WGS 84)`),
  );
}

function sourceLine(source: Source): HTMLElement {
  const who = source.attribution ?? source.publisher;
  const when = `${word('retrieved')} ${day(source.retrieved)}`;
  return element('p', {}, `${word('source')}: ${who} · ${source.licence} · ${when}`);
}
