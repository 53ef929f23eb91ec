// The server's answers as the page uses them, and what each answer says of the server's state.
// Every address is relative to the page: no other host is ever asked.

import { authorization, hasKey, refuseKey } from './key';
import { hearServerTime } from './server_clock';

/** Longitude and latitude in degrees. */
export type LonLat = [number, number];

/** A text in both languages. */
export interface Title {
  vi: string;
  en: string;
}

/** Who may see something. */
export type Openness = 'open' | 'internal' | 'restricted';

/** A value of a code list. */
export interface CodeValue extends Title {
  /** `#rrggbb` */
  color?: string | null;
  /** Name of a sprite. */
  icon?: string | null;
}

/** A notice that something ends. */
export interface Deprecation {
  since: string;
  instead?: Title | null;
}

/** One attribute of a layer, from the catalogue. */
export interface Attribute {
  name: string;
  title: Title;
  type: 'text' | 'integer' | 'float' | 'boolean' | 'date' | 'datetime' | 'code' | 'codes';
  unit?: string | null;
  values?: Record<string, CodeValue> | null;
  deprecated?: Deprecation | null;
}

/** Where a layer's records come from. */
export interface Source {
  publisher: string;
  licence: string;
  attribution?: string | null;
  retrieved: string;
  synthetic?: boolean;
}

/** One layer, from the catalogue. */
export interface Layer {
  id: string;
  theme: string;
  title: Title;
  description: Title;
  geometry: string;
  openness: Openness;
  /** Whether the layer is on when the map opens. */
  shown: boolean;
  /** Whether features in it are made up. */
  synthetic: boolean;
  deprecated?: Deprecation | null;
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
    view?: { center: LonLat; zoom: number } | null;
  };
  /** What the caller may see. */
  class: Openness;
  themes: { id: string; title: Title }[];
  layers: Layer[];
}

/** A feature of `/at`. */
export interface PlacedFeature {
  layer: string;
  id: number;
  properties: Record<string, unknown>;
  valid_from?: string | null;
  valid_to?: string | null;
}

/** A feature of `/nearest`, nearest first; `distance_m` is among its properties. */
export interface NearFeature extends Omit<PlacedFeature, 'layer'> {
  geometry: { type: string; coordinates: unknown } | null;
}

/** What the server last said of itself. */
export interface ServerState {
  reachable: boolean;
  revision?: string;
  ageMs?: number;
  /** The city's moment at which something last became valid or ended. */
  moment?: string;
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
let newestMoment: string | undefined;

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

/** Reads everything at a place, each feature with all its attributes; `on` is a day, YYYY-MM-DD. */
export async function fetchAt(lon: number, lat: number, signal?: AbortSignal, on?: string): Promise<PlacedFeature[]> {
  const query = new URLSearchParams({ lon: lon.toFixed(7), lat: lat.toFixed(7), ...(on ? { on } : {}) });
  const answer = await fetchJson<{ features: PlacedFeature[] }>(`at?${query}`, signal);
  return answer.features;
}

/** Reads the features of a layer that are nearest to a place. */
export async function fetchNearest(
  layer: string,
  [lon, lat]: LonLat,
  limit: number,
  signal?: AbortSignal,
): Promise<NearFeature[]> {
  const query = new URLSearchParams({ lon: lon.toFixed(7), lat: lat.toFixed(7), limit: String(limit) });
  const answer = await fetchJson<{ features: NearFeature[] }>(`nearest/${encodeURIComponent(layer)}?${query}`, signal);
  return answer.features;
}

/** A result of `/search`. */
export interface FoundPlace {
  title: string;
  /** What it is and where it lies. */
  subtitle: string;
  kind: 'name' | 'address' | 'alley' | 'parcel' | 'coordinate';
  /** `null` for a coordinate, as the id is. */
  layer: string | null;
  id: number | null;
  lon: number;
  lat: number;
  /** West, south, east, north in degrees: around all that it stands for. */
  bbox: [number, number, number, number];
}

/** Finds what a text may mean, best first; of equals what is near a place. */
export async function fetchSearch(
  text: string,
  [lon, lat]: LonLat,
  limit: number,
  lang: string,
  signal?: AbortSignal,
): Promise<FoundPlace[]> {
  const query = new URLSearchParams({ q: text, limit: String(limit), lang, lon: lon.toFixed(7), lat: lat.toFixed(7) });
  return (await fetchJson<{ results: FoundPlace[] }>(`search?${query}`, signal)).results;
}

/** Reads a MapLibre style. */
export function fetchStyle<T>(id: string): Promise<T> {
  return fetchJson<T>(`styles/${id}.json`);
}

/** Asks how the server is; the listeners hear the answer. */
export async function askHealth(): Promise<void> {
  const health = await fetchJson<{ moment?: string }>('health/ready').catch(() => undefined);
  if (state && health?.moment !== undefined) publish({ ...state, moment: health.moment });
}

/** Takes note of a revision that the server told of by itself; the listeners hear it. */
export function hearRevision(revision: number): void {
  publish({ ...state, reachable: true, revision: String(revision) });
}

/** The newest revision that the server told of. */
export function lastRevision(): number {
  return newestRevision ?? 0;
}

/** Asks for a path below the page; what the answer says of the server reaches the listeners. */
export async function fetchJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  let response: Response;
  try {
    response = await fetch(address(path), {
      signal: signal ?? null,
      headers: { Accept: 'application/json', ...authorization(address(path)) },
      // Or the browser itself would ask the reader for a name and a password when a key is refused.
      credentials: 'omit',
      // The city may have changed since: an ETag settles it for the price of a header.
      cache: 'no-cache',
    });
  } catch (cause) {
    if (!signal?.aborted) publish({ ...state, reachable: false });
    throw cause;
  }
  hearServerTime(Date.parse(response.headers.get('Date') ?? ''));
  publish(stateFrom(response));
  if (response.status === 401 && hasKey()) refuseKey();
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
  const isNewRevision = newestRevision !== undefined && revision > newestRevision;
  newestRevision = Math.max(newestRevision ?? 0, revision);
  const isNewMoment = newestMoment !== undefined && next.moment !== newestMoment;
  newestMoment = next.moment;
  stateListeners.forEach((listener) => listener(next, isNewRevision || isNewMoment));
}
