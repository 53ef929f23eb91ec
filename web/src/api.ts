// The server's answers as the page uses them, and what each answer says of the server's state.
// Every address is relative to the page: no other host is ever asked.

/** A text in both languages. */
export interface Title {
  vi: string;
  en: string;
}

/** One attribute of a layer, from the catalogue. */
export interface Attribute {
  name: string;
  title: Title;
  type: 'text' | 'integer' | 'float' | 'boolean' | 'date' | 'datetime' | 'code';
  unit?: string | null;
  values?: Record<string, Title> | null;
}

/** Where a layer's records come from. */
export interface Source {
  publisher: string;
  licence: string;
  attribution?: string | null;
  retrieved: string;
}

/** One layer, from the catalogue. */
export interface Layer {
  id: string;
  theme: string;
  title: Title;
  description: Title;
  geometry: string;
  count: number;
  minzoom: number;
  maxzoom: number;
  attributes: Attribute[];
  sources: Source[];
}

/** The city, its themes and its layers. */
export interface Catalog {
  city: {
    title: Title;
    /** West, south, east, north in degrees. */
    bbox: [number, number, number, number];
    view?: { center: [number, number]; zoom: number } | null;
  };
  themes: { id: string; title: Title }[];
  layers: Layer[];
}

/** A feature of `/at`. */
export interface PlacedFeature {
  layer: string;
  id: number;
  properties: Record<string, unknown>;
}

/** What the server last said of itself. */
export interface ServerState {
  reachable: boolean;
  revision?: string;
  ageMs?: number;
}

/** An answer that was no success; the connection itself works. */
export class Refused extends Error {
  constructor(readonly status: number) {
    super(`the server answered ${status}`);
  }
}

type StateListener = (state: ServerState, revisionChanged: boolean) => void;

const stateListeners: StateListener[] = [];
let state: ServerState | undefined;
let newestRevision: number | undefined;

/** Absolute address of a path below the page. */
export function address(path: string): string {
  return new URL(path, document.baseURI).href;
}

/** Runs `listener` after each answer or failure to answer. */
export function onServerState(listener: StateListener): void {
  stateListeners.push(listener);
}

/** Reads the city, its themes and its layers. */
export function fetchCatalog(): Promise<Catalog> {
  return fetchJson<Catalog>('layers');
}

/** Reads everything at a place, each feature with all its attributes. */
export async function fetchAt(lon: number, lat: number, signal: AbortSignal): Promise<PlacedFeature[]> {
  const query = new URLSearchParams({ lon: lon.toFixed(7), lat: lat.toFixed(7) });
  const answer = await fetchJson<{ features: PlacedFeature[] }>(`at?${query}`, signal);
  return answer.features;
}

/** Reads a MapLibre style. */
export function fetchStyle<T>(id: string): Promise<T> {
  return fetchJson<T>(`styles/${id}.json`);
}

/** Asks how the server is; the listeners hear the answer. */
export async function askHealth(): Promise<void> {
  await fetchJson<unknown>('health/ready').catch(() => undefined);
}

async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path), {
      signal: signal ?? null,
      headers: { Accept: 'application/json' },
      // The city may have changed since: an ETag settles it for the price of a header.
      cache: 'no-cache',
    });
  } catch (cause) {
    if (!signal?.aborted) publish({ ...state, reachable: false });
    throw cause;
  }
  publish(stateFrom(response));
  if (!response.ok) throw new Refused(response.status);
  return (await response.json()) as T;
}

function stateFrom(response: Response): ServerState {
  const revision = response.headers.get('Urbis-Revision');
  const age = response.headers.get('Urbis-Age-Ms');
  return {
    ...state,
    reachable: true,
    ...(revision === null ? {} : { revision }),
    ...(age === null ? {} : { ageMs: Number(age) }),
  };
}

function publish(next: ServerState): void {
  state = next;
  const revision = Number(next.revision ?? 0);
  // Answers overtake each other, and a cache or a second node may be behind: only newer is news.
  const isNews = newestRevision !== undefined && revision > newestRevision;
  newestRevision = Math.max(newestRevision ?? 0, revision);
  stateListeners.forEach((listener) => listener(next, isNews));
}
