// The server's stream of changes: one for what the map shows and something around it. While it is
// there, the map asks for exactly what changed; while it is not, the page asks now and then.
//
// `fetch` and not `EventSource`, which cannot send a key in a header.

import { address, hearRevision } from './api';
import { authorization, hasKey, refuseKey } from './key';
import type { ChangedTiles } from './tile_range';
import type { UnitChanges } from './units_api';

/** West, south, east, north in degrees. */
export type Box = [west: number, south: number, east: number, north: number];

/** What the map shows. */
export interface Shown {
  layers: string[];
  box: Box;
}

/** What the page does with the stream. */
export interface Reader {
  shown(): Shown;
  /** These tiles changed. */
  changed(tiles: ChangedTiles): void;
  /** Anything may have changed. */
  everythingChanged(): void;
  /** Units changed, or the stream begins, with all of them. */
  unitsChanged(changes: UnitChanges): void;
  /** Ways and times may be others. */
  roadsChanged(): void;
  /** The stream is there, or gone for now. */
  liveChanged(isLive: boolean): void;
}

/** The server sends something at least every 15 s. */
const SILENCE_MS = 40_000;

/** The map may still be moving on. */
const SETTLE_MS = 250;

const FIRST_RETRY_MS = 1_000;
const LAST_RETRY_MS = 30_000;

/** More names than this the server does not take; without any it means all. */
const MAX_LAYERS = 32;

/** A stream for this many times the width of what is shown tells too much. */
const MAX_WIDTHS = 20;

/** One answer of the server that has no end. */
interface Stream {
  readonly abort: AbortController;
  readonly followed: Shown;
}

type Message = { body: { revision: number } } & (
  | { name: 'hello' | 'resync' | 'roads' }
  | { name: 'tiles'; body: { layers: ChangedTiles } }
  | { name: 'units'; body: UnitChanges }
);

export class Live {
  /** The stream that speaks. */
  private current: Stream | undefined;
  /** The one that shall take its place, once it has said hello. */
  private next: Stream | undefined;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private failures = 0;
  /** There was a time without a stream, of which nobody tells. */
  private hasGap = false;
  /** Nothing on the map is older than this. */
  private since: number;

  /** `revision` is that of an answer from before the first tile was asked for. */
  constructor(
    private readonly reader: Reader,
    revision: number,
  ) {
    this.since = revision;
    // A browser has few connections to one host: a tab that nobody sees holds none of them.
    document.addEventListener('visibilitychange', () => (document.hidden ? this.leave() : this.open()));
    window.addEventListener('online', () => this.follow());
    if (!document.hidden) this.open();
  }

  /** Whether every change reaches the map by itself. */
  get isLive(): boolean {
    return this.current !== undefined;
  }

  /** What the map shows may be another part of the city or other layers. */
  follow(): void {
    if (document.hidden) return;
    this.openIn(SETTLE_MS);
  }

  private openIn(delay: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      const stream = this.next ?? this.current;
      if (!document.hidden && !(stream && covers(stream.followed, this.reader.shown()))) this.open();
    }, delay);
  }

  private open(): void {
    clearTimeout(this.timer);
    this.next?.abort.abort();
    this.next = undefined;
    const { layers, box } = this.reader.shown();
    // Nothing that is drawn can change, and the server refuses to tell of no layer.
    if (layers.length === 0) return;
    const stream = { abort: new AbortController(), followed: { layers, box: withMargin(box) } };
    this.next = stream;
    void this.read(stream);
  }

  /** Closes all. */
  private leave(): void {
    clearTimeout(this.timer);
    this.next?.abort.abort();
    this.current?.abort.abort();
    this.next = this.current = undefined;
    this.hasGap = true;
    this.reader.liveChanged(false);
  }

  /** Reads a stream to its end, and tries again where that was not ours. */
  private async read(stream: Stream): Promise<void> {
    try {
      for await (const message of messages(await request(stream))) this.hear(stream, message);
    } catch {
      // It ended; why makes no difference.
    }
    if (stream.abort.signal.aborted) return;
    stream.abort.abort();
    if (this.next === stream) this.next = undefined;
    if (this.current === stream) {
      this.current = undefined;
      this.reader.liveChanged(false);
    }
    if (!this.current) this.hasGap = true;
    const wait = Math.min(FIRST_RETRY_MS * 2 ** this.failures, LAST_RETRY_MS);
    this.failures += 1;
    // Not all pages at once, after a restart of the server.
    if (!document.hidden && !this.next) this.openIn(wait * (0.5 + Math.random() / 2));
  }

  private hear(stream: Stream, message: Message): void {
    if (stream.abort.signal.aborted) return;
    const { name, body } = message;
    if (name === 'hello') this.greet(stream, body.revision);
    else if (name === 'units') this.reader.unitsChanged(message.body);
    else if (name === 'roads') this.reader.roadsChanged();
    else if (name === 'tiles') this.reader.changed(message.body.layers);
    else if (name === 'resync') this.reader.everythingChanged();
    hearRevision(body.revision);
  }

  private greet(stream: Stream, revision: number): void {
    this.current?.abort.abort();
    this.current = stream;
    this.next = undefined;
    this.failures = 0;
    this.reader.liveChanged(true);
    // Beside the old stream's area something may have changed; after a gap even another server may
    // answer, whose revisions say nothing.
    if (this.hasGap || revision !== this.since) this.reader.everythingChanged();
    this.hasGap = false;
    this.since = revision;
  }
}

/** Asks for a stream. */
async function request({ abort, followed }: Stream): Promise<ReadableStream<Uint8Array>> {
  const query = new URLSearchParams({ bbox: followed.box.map((edge) => edge.toFixed(5)).join(','), units: 'true', roads: 'true' });
  if (followed.layers.length <= MAX_LAYERS) query.set('layers', followed.layers.join(','));
  const url = address(`live/events?${query}`);
  const response = await fetch(url, {
    signal: abort.signal,
    headers: { Accept: 'text/event-stream', ...authorization(url) },
    // Or the browser itself would ask the reader for a name and a password when a key is refused.
    credentials: 'omit',
    cache: 'no-store',
  });
  if (response.status === 401 && hasKey()) refuseKey();
  if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
  return response.body;
}

/** The messages of a stream; ends with it, or when it is silent for too long. */
async function* messages(body: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const silence = setTimeout(() => void reader.cancel(), SILENCE_MS);
    const { done, value } = await reader.read().finally(() => clearTimeout(silence));
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const message = parse(block);
      if (message) yield message;
    }
  }
}

/** One message; absent for a comment, which only says that the stream is alive. */
function parse(block: string): Message | undefined {
  const field = (name: string): string | undefined =>
    block
      .split('\n')
      .find((line) => line.startsWith(name))
      ?.slice(name.length);
  const [name, data] = [field('event: '), field('data: ')];
  return name === undefined || data === undefined ? undefined : ({ name, body: JSON.parse(data) } as Message);
}

/** A box of three times the width and height, so that a small move needs no other stream. */
function withMargin([west, south, east, north]: Box): Box {
  const [width, height] = [east - west, north - south];
  return inWorld([west - width, south - height, east + width, north + height]);
}

/** The part of a box that the server knows; beside the 180th meridian, all of that latitude. */
function inWorld([west, south, east, north]: Box): Box {
  const isAcross = west < -180 || east > 180;
  return [isAcross ? -180 : west, Math.max(south, -90), isAcross ? 180 : east, Math.min(north, 90)];
}

/** Whether a stream tells of all that is shown, and not of very much more. */
function covers(followed: Shown, shown: Shown): boolean {
  const [west, south, east, north] = followed.box;
  const [seenWest, seenSouth, seenEast, seenNorth] = inWorld(shown.box);
  const isInside = west <= seenWest && south <= seenSouth && east >= seenEast && north >= seenNorth;
  const isClose = east - west <= MAX_WIDTHS * (seenEast - seenWest);
  return isInside && isClose && shown.layers.every((layer) => followed.layers.includes(layer));
}
