// Asks for changed tiles again. One refresh of a source at a time: tiles that are asked for while
// they are still coming could be overtaken by their older selves, and edits that come faster than
// tiles would pile up.

import type { Map as MapLibreMap, Source } from 'maplibre-gl';
import { isIn, type ChangedTiles, type TileRange } from './tile_range';

/** How often a source is looked at that still has tiles to come. */
const LOOK_EVERY_MS = 50;

/** So long a change waits for tiles that are coming; then it is asked for now and once more later. */
const PATIENCE_MS = 500;

/** More ranges than this, on a slow line, become all tiles. */
const MAX_RANGES = 1_000;

/** What a source must ask for again: some tiles, or all. */
interface Wanted {
  ranges: TileRange[] | 'all';
  since: number;
}

/** Tiles of one map. */
export class TileRefresh {
  private readonly wanted = new Map<string, Wanted>();
  /** Sources of which MapLibre may keep tiles beside the screen that are old. */
  private readonly behind = new Set<string>();
  private looking: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly map: MapLibreMap) {
    // Tiles from beside the screen come back with a move.
    map.on('movestart', () => this.catchUp());
    map.on('moveend', () => this.catchUp());
  }

  /** Asks for all tiles of some sources. */
  refreshAll(sources: readonly string[]): void {
    for (const source of sources) this.wanted.set(source, { ranges: 'all', since: Date.now() });
    this.look();
  }

  /** Asks for the tiles on screen that show something of what changed. */
  refresh(sources: readonly string[], changed: ChangedTiles): void {
    for (const source of sources) {
      const layers = this.source(source)?.vectorLayerIds ?? [];
      const ranges = layers.flatMap((layer) => changed[layer] ?? []);
      if (ranges.length === 0) continue;
      const earlier = this.wanted.get(source);
      const all = earlier?.ranges === 'all' ? 'all' : [...(earlier?.ranges ?? []), ...ranges];
      const wanted = all.length > MAX_RANGES ? 'all' : all;
      this.wanted.set(source, { ranges: wanted, since: earlier?.since ?? Date.now() });
      this.behind.add(source);
    }
    this.look();
  }

  private look(): void {
    clearTimeout(this.looking);
    for (const [name, wanted] of this.wanted) this.ask(name, wanted);
    if (this.wanted.size > 0) this.looking = setTimeout(() => this.look(), LOOK_EVERY_MS);
  }

  private ask(name: string, wanted: Wanted): void {
    const source = this.source(name);
    if (!source) {
      this.wanted.delete(name);
      return;
    }
    const isAtRest = this.map.isSourceLoaded(name);
    if (!isAtRest && Date.now() - wanted.since < PATIENCE_MS) return;
    if (isAtRest) this.wanted.delete(name);
    else wanted.since = Date.now();
    const { ranges } = wanted;
    if (ranges === 'all') {
      this.map.refreshTiles(name);
      this.behind.delete(name);
      return;
    }
    const { tileSize, minzoom, maxzoom } = source;
    const shown = this.map.coveringTiles({ tileSize, minzoom, maxzoom }).map(({ canonical }) => canonical);
    const changed = shown.filter((tile) => isIn(ranges, tile));
    if (changed.length > 0) this.map.refreshTiles(name, changed);
  }

  /** Has MapLibre forget the tiles beside the screen, too. */
  private catchUp(): void {
    if (this.behind.size > 0) this.refreshAll([...this.behind]);
  }

  private source(name: string): Source | undefined {
    return this.map.getSource(name);
  }
}
