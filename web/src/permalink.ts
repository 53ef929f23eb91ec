// What the address holds after `#`: `map=zoom/lat/lon`, written by MapLibre, and our own parts
// beside it, so that a link brings back the same map in the same language. Unknown parts stay.

/** How a part enters the browser's history. */
export type Step = 'replace' | 'push';

/** Reads one part of the hash; absent where the link does not say. */
export function readHash(name: string): string | undefined {
  return parts().find(([key]) => key === name)?.[1];
}

/** Reads a part that is a list. */
export function readHashList(name: string): string[] {
  return (readHash(name) ?? '').split(',').filter((entry) => entry !== '');
}

/** Writes one part and leaves the others; an empty value removes it. */
export function writeHash(name: string, value: string, step: Step = 'replace'): void {
  const kept = parts().filter(([key]) => key !== name);
  if (value !== '') kept.push([name, value]);
  const hash = kept.map(([key, text]) => `${key}=${text}`).join('&');
  const next = hash === '' ? location.pathname + location.search : `#${hash}`;
  if (hash === location.hash.replace(/^#/, '')) return;
  if (step === 'push') history.pushState(null, '', next);
  else history.replaceState(history.state, '', next);
}

function parts(): [string, string][] {
  return location.hash
    .replace(/^#/, '')
    .split('&')
    .filter((part) => part.includes('='))
    .map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at), part.slice(at + 1)];
    });
}
