// The operator's key: it arrives in the fragment of a link, lives as long as the tab, and goes to
// our own server alone. It never stays in the address, where it would be copied or printed.

import { readHash, writeHash } from './permalink';
import { readStored, store } from './storage';

const STORAGE_KEY = 'urbis-key';
const REFUSED_KEY = 'urbis-key-refused';

/** Name of the part of the fragment that holds a key. */
const HASH_PART = 'key';

/** What a key looks like: it goes into a header, which takes no other letters. */
const KEY_FORM = /^[A-Za-z0-9_-]{1,200}$/;

let held: string | undefined = keyIn(readStored('sessionStorage', STORAGE_KEY) ?? '');
takeFromAddress();

/** Whether requests carry a key. */
export function hasKey(): boolean {
  return held !== undefined;
}

/** Takes a key out of the address; says whether there was one. */
export function takeFromAddress(): boolean {
  const linked = readHash(HASH_PART);
  if (linked === undefined) return false;
  writeHash(HASH_PART, '');
  if (linked === '') return false;
  held = keyIn(linked);
  store('sessionStorage', STORAGE_KEY, held);
  if (held === undefined) store('sessionStorage', REFUSED_KEY, 'yes');
  return true;
}

/** The key that a part of an address holds; absent where that can be none. */
function keyIn(part: string): string | undefined {
  try {
    const key = decodeURIComponent(part);
    return KEY_FORM.test(key) ? key : undefined;
  } catch {
    return undefined;
  }
}

/** Headers for a request to this address: the key for our own server, nothing for any other. */
export function authorization(url: string): Record<string, string> {
  if (held === undefined || new URL(url, document.baseURI).origin !== location.origin) return {};
  return { Authorization: `Bearer ${held}` };
}

/** Drops the key and all that was read with it. */
export function signOut(): void {
  forget();
  location.reload();
}

/** The server does not know the key: the page starts over without it and says so. */
export function refuseKey(): void {
  if (held === undefined) return;
  forget();
  store('sessionStorage', REFUSED_KEY, 'yes');
  location.reload();
}

/** Whether the last key was refused; says so once. */
export function wasRefused(): boolean {
  const refused = readStored('sessionStorage', REFUSED_KEY) !== undefined;
  store('sessionStorage', REFUSED_KEY, undefined);
  return refused;
}

function forget(): void {
  held = undefined;
  store('sessionStorage', STORAGE_KEY, undefined);
}
