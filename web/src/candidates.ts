// Who gets there first, as the server answers it (`GET /dispatch/candidates`).

import { fetchJson, type LonLat, type Title } from './api';
import type { UnitStatus } from './units_api';

/** What an answer says of every unit. */
export interface UnitSummary {
  unit_id: string;
  title: string;
  agency: string;
  profile: string;
  status: UnitStatus;
  is_simulated: boolean;
  position: LonLat | null;
  position_age_s: number | null;
  line_m: number | null;
}

/** A reason in fields, and the sentence for it in both languages. */
export interface Told {
  reason: { kind: string };
  sentence: Title;
}

/** One unit that can go; without time and way where only the straight line could be offered. */
export interface Candidate extends UnitSummary {
  rank: number;
  eta_s: number | null;
  distance_m: number;
  geometry: { type: 'LineString'; coordinates: LonLat[] } | null;
  is_estimate: boolean;
  reason: Told | null;
}

/** One unit that is near and is not sent. */
export interface Rejected extends UnitSummary, Told {
  eta_s: number | null;
}

/** How near one gets to a place that no unit reaches by road. */
export interface CutOff {
  place: LonLat;
  gap_m: number;
  candidates: Candidate[];
  sentence: Title;
}

export interface Answer {
  candidates: Candidate[];
  rejected: Rejected[];
  /** Whether the first is the same wherever within the accuracy the incident lies; null: not found out. */
  first_unit_is_certain: boolean | null;
  first_elsewhere: { unit_id: string; title: string; place: LonLat; eta_s: number }[];
  cut_off: CutOff | null;
  is_fallback: boolean;
  fallback: { code: string; sentence: Title } | null;
  incident: { place: LonLat; road_place: LonLat | null; road_gap_m: number | null };
  basis: {
    revision: number;
    epoch: number;
    fleet_epoch: number;
    city_age_s: number;
    road_state_age_s: number | null;
    condition_count: number;
    unit_count: number;
    eligible_count: number;
  };
}

/** The units in their order: to the place, or as near as one gets. */
export function candidatesOf({ candidates, cut_off: cutOff }: Answer): Candidate[] {
  return cutOff ? cutOff.candidates : candidates;
}

/** What is asked. */
export interface Ask {
  place: LonLat;
  /** `115`, `114`, `113`; all services where empty. */
  service: string;
  accuracyM: number;
}

/** So many candidates are asked for. */
const LIMIT = 5;

/** Asks who gets there first. */
export function fetchCandidates({ place, service, accuracyM }: Ask, signal: AbortSignal): Promise<Answer> {
  const query = new URLSearchParams({
    lon: place[0].toFixed(7),
    lat: place[1].toFixed(7),
    accuracy_m: String(accuracyM),
    limit: String(LIMIT),
    ...(service === '' ? {} : { service }),
  });
  return fetchJson<Answer>(`dispatch/candidates?${query}`, signal);
}
