// What of the catalogue is drawn: layers on and off, and how strongly. Kept in the address, where
// only what differs from the catalogue's own choice is written.

import type { Catalog, Layer } from './api';
import { readHashList, writeHash } from './permalink';

const OFF_PART = 'off';
const ON_PART = 'on';
const OPACITY_PART = 'opacity';

/** A layer that is on can be seen. */
export const LEAST_OPACITY = 0.1;

/** Layers that are on or off and their opacity; names that no layer has are kept out. */
export class View {
  private readonly hidden = new Set<string>();
  private readonly opacities = new Map<string, number>();

  constructor(private catalog: Catalog) {
    this.follow(catalog);
  }

  /** Reads the address again, for this catalogue. */
  follow(catalog: Catalog): void {
    this.catalog = catalog;
    const [off, on] = [readHashList(OFF_PART), readHashList(ON_PART)];
    this.hidden.clear();
    this.opacities.clear();
    for (const layer of catalog.layers) {
      const { id } = layer;
      if (off.includes(id) || (!startsOn(layer) && !on.includes(id))) this.hidden.add(id);
    }
    for (const entry of readHashList(OPACITY_PART)) {
      const [id = '', percent = ''] = entry.split(':');
      const isKnown = catalog.layers.some((layer) => layer.id === id);
      if (isKnown && /^\d{1,3}$/.test(percent)) this.keepOpacity(id, Number(percent) / 100);
    }
  }

  /** Whether a layer is on. */
  isOn(layer: string): boolean {
    return !this.hidden.has(layer);
  }

  /** From [`LEAST_OPACITY`] to 1. */
  opacity(layer: string): number {
    return this.opacities.get(layer) ?? 1;
  }

  /** Switches layers on; one step of the browser's history. */
  show(layers: readonly string[]): void {
    layers.forEach((layer) => this.hidden.delete(layer));
    this.writeSwitches();
  }

  /** Switches layers off; one step of the browser's history. */
  hide(layers: readonly string[]): void {
    layers.forEach((layer) => this.hidden.add(layer));
    this.writeSwitches();
  }

  /** Sets how strongly a layer is drawn, from [`LEAST_OPACITY`] to 1. */
  setOpacity(layer: string, opacity: number): void {
    this.keepOpacity(layer, opacity);
    const entries = [...this.opacities].sort().map(([id, part]) => `${id}:${Math.round(part * 100)}`);
    writeHash(OPACITY_PART, entries.join(','));
  }

  private keepOpacity(layer: string, opacity: number): void {
    if (opacity >= 1) this.opacities.delete(layer);
    else this.opacities.set(layer, Math.max(opacity, LEAST_OPACITY));
  }

  private writeSwitches(): void {
    const changed = this.catalog.layers.filter((layer) => startsOn(layer) !== this.isOn(layer.id)).map(({ id }) => id);
    const on = changed.filter((id) => this.isOn(id));
    const off = changed.filter((id) => !this.isOn(id));
    // One step back takes both: the first part makes the step, the second joins it.
    const before = location.hash;
    writeHash(ON_PART, on.join(','), 'push');
    writeHash(OFF_PART, off.join(','), location.hash === before ? 'push' : 'replace');
  }
}

/** Made-up data is never shown unasked. */
function startsOn({ shown, synthetic }: Layer): boolean {
  return shown && !synthetic;
}
