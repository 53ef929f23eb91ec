// What the browser keeps for the page. Storage may be forbidden: then nothing is there, and a
// choice lasts as long as the page.

/** Kept for the next visits, or for this tab alone. */
type Keeper = 'localStorage' | 'sessionStorage';

/** Reads what was kept under a name. */
export function readStored(keeper: Keeper, name: string): string | undefined {
  try {
    return window[keeper].getItem(name) ?? undefined;
  } catch {
    return undefined;
  }
}

/** Keeps a value under a name; none removes it. */
export function store(keeper: Keeper, name: string, value: string | undefined): void {
  try {
    if (value === undefined) window[keeper].removeItem(name);
    else window[keeper].setItem(name, value);
  } catch {
    // Forbidden: see above.
  }
}
