// What became of each unit's place in the order since the last answers: a change is shown long
// enough to be seen, though the next answer comes a second later.

import type { Candidate } from './candidates';

/** A change stays on the screen for so long. */
const SHOWN_MS = 12_000;

/** From which place to which; `from` is absent for one that was not among them. */
export interface RankChange {
  from: number | undefined;
  to: number;
}

interface Noted extends RankChange {
  at: number;
}

export class RankChanges {
  private ranks: Map<string, number> | undefined;
  private readonly noted = new Map<string, Noted>();

  /** Forgets all: another question. */
  reset(): void {
    this.ranks = undefined;
    this.noted.clear();
  }

  /** Takes the next answer at a moment; says whether another unit is first now. */
  take(candidates: readonly Candidate[], now: number): boolean {
    const before = this.ranks;
    this.ranks = new Map(candidates.map(({ unit_id: id, rank }) => [id, rank]));
    if (!before) return false;
    for (const [id, to] of this.ranks) {
      const from = before.get(id);
      if (from !== to) this.noted.set(id, { from, to, at: now });
    }
    const first = (ranks: Map<string, number>) => [...ranks].find(([, rank]) => rank === 1)?.[0];
    return first(before) !== first(this.ranks);
  }

  /** The change of a unit that is still to be shown. */
  of(id: string, now: number): RankChange | undefined {
    const noted = this.noted.get(id);
    return noted && now - noted.at < SHOWN_MS && noted.to === this.ranks?.get(id) ? noted : undefined;
  }
}
