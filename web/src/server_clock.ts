// The server's clock as far as the page can tell: a reader's own may be wrong by minutes, and may be
// set right while the page is open. What is counted on is the page's steady clock.

/** The server's clock less `performance.now()`, milliseconds; the least delayed answer knows it best. */
let ahead: number | undefined;

/** Takes note of a moment of the server that has just come. */
export function hearServerTime(serverMs: number): void {
  if (Number.isNaN(serverMs)) return;
  const heard = serverMs - performance.now();
  // A message is never early, so the greatest difference had the least delay.
  ahead = ahead === undefined ? heard : Math.max(ahead, heard);
}

/** Now by the server's clock, milliseconds of the epoch. */
export function serverNow(): number {
  return performance.now() + (ahead ?? performance.timeOrigin);
}
