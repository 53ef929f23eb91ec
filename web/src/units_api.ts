// Units as the server's stream tells of them.

import type { LonLat } from './api';

/** What a unit is doing. */
export type UnitStatus = 'available' | 'assigned' | 'en_route' | 'on_scene' | 'to_hospital' | 'returning' | 'out_of_service';

/** Where a unit was last heard of. */
export interface Fix {
  /** Longitude and latitude in degrees. */
  place: LonLat;
  /** When the unit was there, milliseconds of the epoch by the server's clock. */
  observedAt: number;
  accuracyM: number | undefined;
  /** Degrees from north, clockwise. */
  headingDeg: number | undefined;
  speedKmh: number | undefined;
}

/** One unit. */
export interface Unit {
  id: string;
  title: string;
  /** 113, 114, 115 or 112. */
  agency: string;
  /** A file of profiles/vehicle. */
  profile: string;
  capabilities: string[];
  status: UnitStatus;
  statusSince: string | undefined;
  /** Made up by a program. */
  simulated: boolean;
  fix: Fix | undefined;
}

/** A unit as a GeoJSON feature of the server. */
export interface UnitFeature {
  id: string;
  geometry: { type: 'Point'; coordinates: LonLat } | null;
  properties: Record<string, unknown>;
}

/** What a stream tells of units. */
export interface UnitChanges {
  /** There are no others. */
  all: boolean;
  units: UnitFeature[];
  /** Ids of those that are not there any more, or not in the stream's area. */
  gone: string[];
}

/** Reads one feature. */
export function unitFrom({ id, geometry, properties }: UnitFeature): Unit {
  return {
    id,
    title: String(properties['title'] ?? id),
    agency: String(properties['agency'] ?? ''),
    profile: String(properties['profile'] ?? ''),
    capabilities: (properties['capabilities'] as string[] | undefined) ?? [],
    status: (properties['status'] as UnitStatus | undefined) ?? 'out_of_service',
    statusSince: optional(properties['status_since'], String),
    simulated: properties['is_simulated'] === true,
    fix: geometry ? fixFrom(geometry.coordinates, properties) : undefined,
  };
}

/** When a feature was written, by the server's clock; absent where it says no age. */
export function writtenAt({ properties }: UnitFeature): number | undefined {
  const age = optional(properties['position_age_s'], Number);
  return age === undefined ? undefined : Date.parse(String(properties['observed_at'])) + age * 1_000;
}

function fixFrom(place: LonLat, properties: Record<string, unknown>): Fix {
  return {
    place,
    observedAt: Date.parse(String(properties['observed_at'])),
    accuracyM: optional(properties['accuracy_m'], Number),
    headingDeg: optional(properties['heading_deg'], Number),
    speedKmh: optional(properties['speed_kmh'], Number),
  };
}

function optional<T>(value: unknown, read: (value: unknown) => T): T | undefined {
  return value === null || value === undefined ? undefined : read(value);
}
