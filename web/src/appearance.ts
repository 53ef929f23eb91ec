// Light or dark: as the system says, until the reader says otherwise.

import { readHash, writeHash } from './permalink';
import { readStored, store } from './storage';

/** What the reader asked for. */
export type Appearance = 'system' | 'light' | 'dark';

const STORAGE_KEY = 'urbis-appearance';
const HASH_PART = 'theme';
const ALL: readonly Appearance[] = ['system', 'light', 'dark'];
const SYSTEM_DARK = matchMedia('(prefers-color-scheme: dark)');

const listeners: (() => void)[] = [];
let current: Appearance = parse(readHash(HASH_PART)) ?? parse(readStored('localStorage', STORAGE_KEY)) ?? 'system';
mark();
SYSTEM_DARK.addEventListener('change', () => current === 'system' && tell());

/** What the reader asked for. */
export function appearance(): Appearance {
  return current;
}

/** The next of the three, in turn. */
export function nextAppearance(): Appearance {
  return ALL[(ALL.indexOf(current) + 1) % ALL.length] ?? 'system';
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  return current === 'dark' || (current === 'system' && SYSTEM_DARK.matches);
}

/** Runs `listener` after each change. */
export function onAppearance(listener: () => void): void {
  listeners.push(listener);
}

/** Changes the page, its address and the next visit. */
export function setAppearance(next: Appearance): void {
  current = next;
  writeHash(HASH_PART, next === 'system' ? '' : next);
  store('localStorage', STORAGE_KEY, next);
  tell();
}

/** Takes over what a link says that was opened or gone back to. */
export function followAppearance(): void {
  const linked = parse(readHash(HASH_PART));
  if (linked === undefined || linked === current) return;
  current = linked;
  tell();
}

function tell(): void {
  mark();
  listeners.forEach((listener) => listener());
}

/** The stylesheet knows the page by this mark. */
function mark(): void {
  document.documentElement.dataset['theme'] = isDark() ? 'dark' : 'light';
}

function parse(value: string | undefined): Appearance | undefined {
  return ALL.find((known) => known === value);
}
