// Single-key shortcuts, and the dialog that lists them and switches them off (WCAG 2.2, 2.1.4).

import { openDialog } from './dialog';
import { element } from './dom';
import { capitalised, type Word, word } from './i18n';
import { readStored, store } from './storage';

/** A key and what it does. */
export interface Shortcut {
  key: string;
  name: Word;
  act(): void;
}

const STORAGE_KEY = 'urbis-shortcuts';

/** Keys that the map itself knows, while it has the keyboard. */
const MAP_KEYS: [string, Word][] = [
  ['← ↑ → ↓', 'keyMove'],
  ['+ −', 'keyZoom'],
  ['Shift + ← ↑ → ↓', 'keyTurn'],
  ['Enter', 'keyRead'],
  ['Esc', 'keyLeave'],
];

/** Listens for single keys outside fields and dialogs. */
export function connectShortcuts(shortcuts: Shortcut[]): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !isOn() || isBusy(event.target)) return;
    const shortcut = shortcuts.find(({ key }) => key === event.key.toLowerCase());
    if (!shortcut) return;
    event.preventDefault();
    shortcut.act();
  });
}

/** Lists the shortcuts. */
export function openHelp(shortcuts: Shortcut[]): void {
  const pairs: [string, Word][] = [...shortcuts.map(({ key, name }): [string, Word] => [key.toUpperCase(), name]), ...MAP_KEYS];
  const rows = pairs.flatMap(([key, name]) => [
    element('dt', {}, element('kbd', {}, key)),
    element('dd', {}, capitalised(word(name))),
  ]);
  const use = element('input', { id: 'use-shortcuts', type: 'checkbox', role: 'switch', checked: isOn() });
  use.addEventListener('change', () => store('localStorage', STORAGE_KEY, use.checked ? 'on' : 'off'));
  openDialog(
    'help',
    word('help'),
    element('dl', { class: 'keys' }, ...rows),
    element('p', { class: 'switch-row' }, element('label', { for: 'use-shortcuts' }, word('useShortcuts')), use),
  );
}

/** Keys belong to a field while one is being filled in, and to a dialog while one is open. */
function isBusy(target: EventTarget | null): boolean {
  const isField = target instanceof HTMLElement && target.matches('input:not([type=checkbox]), select, textarea');
  return isField || document.querySelector('dialog[open]') !== null;
}

function isOn(): boolean {
  return readStored('localStorage', STORAGE_KEY) !== 'off';
}
