// The selected place in the address: `at=lon,lat,layer,id`, so that a link opens the same sheet.

import { readHash, writeHash } from './permalink';

const HASH_PART = 'at';

/** A place and the feature that was meant there. */
export interface LinkedPlace {
  lon: number;
  lat: number;
  layer: string;
  id: number;
}

/** Reads the place; absent where the link has none, or none that can be one. */
export function readPlace(): LinkedPlace | undefined {
  const parts = (readHash(HASH_PART) ?? '').split(',');
  const [lon, lat, layer, id] = parts;
  if (parts.length !== 4 || !lon || !lat || !layer || !id) return undefined;
  const place = { lon: Number(lon), lat: Number(lat), layer, id: Number(id) };
  const isOnEarth = Math.abs(place.lon) <= 180 && Math.abs(place.lat) <= 90;
  return isOnEarth && /^\d+$/.test(id) ? place : undefined;
}

/** Writes the place as a step of the browser's history, or takes it out. */
export function writePlace(place: LinkedPlace | undefined): void {
  const value = place ? `${place.lon.toFixed(6)},${place.lat.toFixed(6)},${place.layer},${place.id}` : '';
  writeHash(HASH_PART, value, 'push');
}
