// What the address holds after `#`: `map=zoom/lat/lon`, written by MapLibre, and our own parts
// beside it, so that a link brings back the same map in the same language.

/** Reads one part of the hash; absent where the link does not say. */
export function readHash(name: string): string | undefined {
  return parts().find(([key]) => key === name)?.[1];
}

/** Writes one part and leaves the others; an empty value removes it. */
export function writeHash(name: string, value: string): void {
  const kept = parts().filter(([key]) => key !== name);
  if (value !== '') kept.push([name, value]);
  const hash = kept.map(([key, text]) => `${key}=${text}`).join('&');
  history.replaceState(history.state, '', hash === '' ? location.pathname + location.search : `#${hash}`);
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
