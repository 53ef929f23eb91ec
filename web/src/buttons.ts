// What buttons of several cards have in common.

import { element, icon } from './dom';
import { word } from './i18n';

const CLOSE_ICON = 'M5 5l10 10M15 5 5 15';

/** Unfolds what belongs to a line. */
export const CHEVRON_ICON = 'm6 8 4 4 4-4';

/** Copies the link. */
export const LINK_ICON = 'M8.5 11.5a3 3 0 0 0 4.2 0l3-3a3 3 0 0 0-4.2-4.2l-1 1M11.5 8.5a3 3 0 0 0-4.2 0l-3 3a3 3 0 0 0 4.2 4.2l1-1';

/** The cross that closes a card. */
export function closeButton(close: () => void, id?: string): HTMLButtonElement {
  const button = element('button', { type: 'button', id, class: 'icon-button', 'aria-label': word('close') }, icon(CLOSE_ICON));
  button.addEventListener('click', close);
  return button;
}
