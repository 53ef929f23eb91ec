// The page's own marks on the map, as GeoJSON features.

import type { LonLat } from './api';

type Geometry = { type: 'Point'; coordinates: LonLat } | { type: 'LineString'; coordinates: LonLat[] };

/** One mark. */
export interface Mark {
  type: 'Feature';
  geometry: Geometry;
  properties: Record<string, unknown>;
}

/** Marks a place. */
export function pointMark(coordinates: LonLat, properties: Mark['properties'] = {}): Mark {
  return { type: 'Feature', geometry: { type: 'Point', coordinates }, properties };
}

/** Marks a way. */
export function lineMark(coordinates: LonLat[], properties: Mark['properties'] = {}): Mark {
  return { type: 'Feature', geometry: { type: 'LineString', coordinates }, properties };
}
