// The chip that says who looks: nothing for the public, the class and a way out for a key.

import type { Catalog } from './api';
import { byId, element } from './dom';
import { word } from './i18n';
import { hasKey, signOut } from './key';

/** Writes the chip; it is there only while a key is in use. */
export function drawIdentity(catalog: Catalog): void {
  const chip = byId('identity');
  chip.hidden = !hasKey();
  if (chip.hidden) return;
  const role = word(catalog.class === 'open' ? 'viewer' : 'operator');
  const out = element('button', { type: 'button', id: 'sign-out', class: 'text-button' }, word('signOut'));
  out.addEventListener('click', signOut);
  chip.dataset['class'] = catalog.class;
  chip.replaceChildren(element('span', {}, `${role} · ${word(catalog.class)}`), out);
}
