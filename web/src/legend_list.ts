// A legend as a list of swatches with their names.

import type { Layer } from './api';
import { element } from './dom';
import { capitalised, text, word } from './i18n';
import { MOST_VALUES_BY_NAME, type Swatch } from './legend';
import { drawSwatch, type Sprites } from './swatch';

/** More rows than this wait behind a button. */
const ROWS_AT_ONCE = 12;

/** Writes the swatches of a layer, in order; a layer without classes has one. */
export function drawLegend(layer: Layer, swatches: Swatch[], sprites: Sprites): HTMLElement {
  const rows = swatches.map((swatch) =>
    element('li', {}, drawSwatch(swatch, sprites), element('span', {}, swatchLabel(layer, swatch))),
  );
  const list = element('ul', { class: 'legend' }, ...rows.slice(0, ROWS_AT_ONCE));
  if (rows.length <= ROWS_AT_ONCE) return list;
  const more = element('button', { type: 'button', class: 'text-button' }, `${word('showAll')} (${rows.length})`);
  more.addEventListener('click', () => {
    list.append(...rows.slice(ROWS_AT_ONCE));
    more.remove();
  });
  return element('div', {}, list, more);
}

/** Names a swatch by its first values; the links of a road class go without saying. */
export function swatchLabel(layer: Layer, swatch: Swatch): string {
  const { attribute } = swatch;
  if (!attribute) return text(layer.title);
  if (swatch.rest) return capitalised(word('otherValues'));
  const isLink = (value: string) => value.endsWith('_link') && swatch.values.includes(value.replace(/_link$/, ''));
  const main = swatch.values.filter((value) => !isLink(value));
  const labels = main.slice(0, MOST_VALUES_BY_NAME).flatMap((value) => {
    const label = attribute.values?.[value];
    return label ? [text(label)] : [];
  });
  const more = main.length > MOST_VALUES_BY_NAME ? '…' : '';
  return capitalised(labels.join('; ')) + more;
}
