// The units that the page knows, and where each is drawn: between two fixes a unit glides from the
// one to the other, so that a report a second is a movement and no row of jumps.

import type { LonLat } from './api';
import { hearServerTime } from './server_clock';
import { type Unit, type UnitChanges, unitFrom, writtenAt } from './units_api';

/** A glide takes about as long as the next fix needs to come: no less and no more than this. */
const SHORTEST_GLIDE_MS = 200;
const LONGEST_GLIDE_MS = 2_500;

/** A fix that is farther than this from the last was not driven: the unit is there at once, degrees. */
const LEAP_DEGREES = 0.004;

/** A unit that was silent for longer than this may be anywhere. */
const OLD_FIX_MS = 60_000;

/** Whether a fix of this age says little of where the unit is now. */
export function isOld(ageMs: number): boolean {
  return ageMs > OLD_FIX_MS;
}

/** A unit and its movement on the screen. */
interface Track {
  unit: Unit;
  from: LonLat;
  to: LonLat;
  startedAt: number;
  endsAt: number;
}

/** A unit and where it is drawn now. */
export interface PlacedUnit {
  unit: Unit;
  place: LonLat;
}

export class Units {
  private readonly tracks = new Map<string, Track>();
  private readonly unplaced = new Map<string, Unit>();
  private readonly listeners: (() => void)[] = [];

  /** Runs `listener` after each change. */
  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Every unit, in the order of the ids. */
  get all(): Unit[] {
    const units = [...this.tracks.values()].map(({ unit }) => unit).concat([...this.unplaced.values()]);
    return units.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  find(id: string): Unit | undefined {
    return this.tracks.get(id)?.unit ?? this.unplaced.get(id);
  }

  /** Takes what the stream told. */
  take({ all, units, gone }: UnitChanges): void {
    const told = new Set(units.map(({ id }) => id));
    const lost = all ? this.ids().filter((id) => !told.has(id)) : gone;
    lost.forEach((id) => this.remove(id));
    for (const feature of units) {
      hearServerTime(writtenAt(feature) ?? NaN);
      this.put(unitFrom(feature));
    }
    this.listeners.forEach((listener) => listener());
  }

  /** Where each unit is drawn at a moment of `performance.now()`. */
  placed(now: number): PlacedUnit[] {
    return [...this.tracks.values()].map((track) => ({ unit: track.unit, place: placeAt(track, now) }));
  }

  /** Whether any unit glides at a moment. */
  isMoving(now: number): boolean {
    return [...this.tracks.values()].some(({ endsAt }) => endsAt > now);
  }

  private put(unit: Unit): void {
    if (!unit.fix) {
      this.tracks.delete(unit.id);
      this.unplaced.set(unit.id, unit);
      return;
    }
    this.unplaced.delete(unit.id);
    const before = this.tracks.get(unit.id);
    this.tracks.set(unit.id, before ? continued(before, unit, unit.fix.place) : standing(unit, unit.fix.place));
  }

  private remove(id: string): void {
    this.tracks.delete(id);
    this.unplaced.delete(id);
  }

  private ids(): string[] {
    return [...this.tracks.keys(), ...this.unplaced.keys()];
  }
}

function standing(unit: Unit, place: LonLat): Track {
  return { unit, from: place, to: place, startedAt: 0, endsAt: 0 };
}

/** Glides on from where the unit is drawn now. */
function continued(before: Track, unit: Unit, to: LonLat): Track {
  const now = performance.now();
  if (isSame(before.to, to)) return { ...before, unit };
  const from = placeAt(before, now);
  const isLeap = Math.max(Math.abs(to[0] - from[0]), Math.abs(to[1] - from[1])) > LEAP_DEGREES;
  if (isLeap || wantsStillness()) return standing(unit, to);
  const between = (unit.fix?.observedAt ?? 0) - (before.unit.fix?.observedAt ?? 0);
  const glide = Math.min(Math.max(between, SHORTEST_GLIDE_MS), LONGEST_GLIDE_MS);
  return { unit, from, to, startedAt: now, endsAt: now + glide };
}

function placeAt({ from, to, startedAt, endsAt }: Track, now: number): LonLat {
  if (now >= endsAt) return to;
  const part = Math.max(0, (now - startedAt) / (endsAt - startedAt));
  return [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
}

function isSame(one: LonLat, other: LonLat): boolean {
  return one[0] === other[0] && one[1] === other[1];
}

function wantsStillness(): boolean {
  return window.matchMedia('(prefers-reduced-motion: reduce)').matches;
}
