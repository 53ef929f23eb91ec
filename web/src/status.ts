// The chip that says whether the map is live: the server's revision and age, or that it is gone.

import { askHealth, onServerState, type ServerState } from './api';
import { byId, element } from './dom';
import { duration, word } from './i18n';

const POLL_EVERY_MS = 5_000;

/** While the server tells of every change by itself, it is asked for its age alone. */
const POLLS_LEFT_OUT = 2;

/** Older than this, the data deserves a word. */
const LATE_AFTER_MS = 10_000;

let last: ServerState | undefined;

/** Who wants to know of the server. */
export interface Watcher {
  revisionChanged(): void;
  /** Whether a stream tells of changes. */
  isLive(): boolean;
}

/** Draws the chip on each answer of the server, and asks it now and then. */
export function watchServer({ revisionChanged, isLive }: Watcher): void {
  onServerState((state, changed) => {
    last = state;
    drawStatus();
    if (changed) revisionChanged();
  });
  const ask = () => {
    if (!document.hidden) void askHealth();
  };
  let leftOut = 0;
  setInterval(() => {
    leftOut = isLive() && leftOut < POLLS_LEFT_OUT ? leftOut + 1 : 0;
    if (leftOut === 0) ask();
  }, POLL_EVERY_MS);
  document.addEventListener('visibilitychange', ask);
  window.addEventListener('online', ask);
  window.addEventListener('offline', ask);
}

/** Writes the chip in the page's language. */
export function drawStatus(): void {
  const chip = byId('status');
  const [mood, label] = describe();
  chip.dataset['mood'] = mood;
  // A screen reader hears the mood change, not each new age.
  const headline = element('span', {}, label);
  const details = element('span', { class: 'status-details', 'aria-hidden': 'true' }, detail());
  if (chip.firstElementChild?.textContent === label) chip.lastElementChild?.replaceWith(details);
  else chip.replaceChildren(headline, details);
}

function describe(): [string, string] {
  if (!last) return ['waiting', word('connecting')];
  if (!last.reachable) return ['lost', word('disconnected')];
  if ((last.ageMs ?? 0) > LATE_AFTER_MS) return ['late', word('stale')];
  return ['live', word('connected')];
}

function detail(): string {
  const parts: string[] = [];
  if (last?.revision !== undefined) parts.push(`${word('revision')} ${last.revision}`);
  if (last?.reachable && last.ageMs !== undefined) parts.push(`${word('age')} ${duration(last.ageMs)}`);
  return parts.join(' · ');
}
