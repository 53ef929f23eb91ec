// "On date": which unit a place lay in on another day, inside the sheet of the unit of today.

import { type Catalog, fetchAt, type PlacedFeature } from './api';
import { element } from './dom';
import { headingOf } from './heading';
import { attributeValue, beginning, ending, word } from './i18n';
import { GROUND_LAYER } from './map';

/** The day asked for last, kept while the sheet is drawn again. */
let asked = '';

/** A small form that asks the server for another day's unit at a place. */
export function drawThen(lon: number, lat: number, catalog: Catalog): HTMLElement {
  const id = 'then-date';
  const input = element('input', { id, type: 'date', required: true, value: asked, min: '1997-01-01', max: '2100-12-31' });
  const answer = element('div', { class: 'then-answer', role: 'status' });
  const form = element(
    'form',
    { class: 'then', 'aria-label': word('onDateTitle') },
    element('label', { for: id, title: word('onDateTitle') }, word('onDate')),
    input,
    element('button', { type: 'submit', class: 'small-button' }, word('onDateShow')),
  );
  const ask = async () => {
    asked = input.value;
    answer.replaceChildren(word('loading'));
    try {
      const found = await fetchAt(lon, lat, undefined, asked);
      const then = found.filter((feature) => feature.layer === GROUND_LAYER);
      answer.replaceChildren(...describe(then, catalog));
    } catch {
      answer.replaceChildren(word('detailsFailed'));
    }
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void ask();
  });
  if (asked !== '') void ask();
  return element('section', { class: 'then-section' }, form, answer);
}

function describe(features: PlacedFeature[], catalog: Catalog): (string | HTMLElement)[] {
  const layer = catalog.layers.find(({ id }) => id === GROUND_LAYER);
  if (!layer || features.length === 0) return [word('nothingThen')];
  return features.map((feature) => {
    const [code] = layer.attributes.filter(({ name }) => name === 'code');
    const value = code && attributeValue(code, feature.properties[code.name]);
    const heading = headingOf(feature, layer);
    return element(
      'p',
      {},
      element('strong', { dir: 'auto' }, heading),
      value ? ` · ${value}` : null,
      element('span', { class: 'then-validity' }, validity(feature)),
    );
  });
}

/** From when to when, in words; nothing where it is not known. */
function validity({ valid_from: from, valid_to: to }: PlacedFeature): string {
  const parts = [];
  if (from) parts.push(`${word('validFrom')} ${beginning(from)}`);
  if (to) parts.push(`${word('validTo')} ${ending(to)}`);
  return parts.join(' · ');
}
