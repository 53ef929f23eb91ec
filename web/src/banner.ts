// The banner over the map while a layer of made-up data is on it.

import type { Catalog } from './api';
import { byId, element } from './dom';
import { text, word } from './i18n';
import type { View } from './view';

/** The sentence that must stand wherever made-up data is drawn; absent where none is. */
export function syntheticWarning(catalog: Catalog, view: View): string | undefined {
  const made = catalog.layers.filter((layer) => layer.synthetic && view.isOn(layer.id));
  if (made.length === 0) return undefined;
  return `${word('syntheticOn')}: ${made.map((layer) => text(layer.title)).join(', ')}`;
}

/** Writes or hides the banner. */
export function drawBanner(catalog: Catalog, view: View): void {
  const banner = byId('banner');
  const warning = syntheticWarning(catalog, view);
  banner.hidden = warning === undefined;
  banner.replaceChildren(element('span', {}, warning ?? ''));
  banner.title = warning ?? '';
}
