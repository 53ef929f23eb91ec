// How the sheet of a feature is completed: what the map knows of it, and what the server adds.

import { fetchNearest, type PlacedFeature } from './api';
import type { SheetContent } from './sheet';

/** So many are looked through for a feature that a link names; its place may lie beside it. */
const LOOKED_THROUGH = 200;

/** What tells a feature from all others. */
export type FeatureName = Pick<PlacedFeature, 'layer' | 'id'>;

/** Puts the server's full record in place of what the tile said. */
export function complete(content: SheetContent, found: PlacedFeature[]): SheetContent {
  const { feature } = content;
  const full = found.find((other) => isSame(other, feature));
  const others = found.filter((other) => !isSame(other, feature));
  return { ...content, feature: full ?? feature, others, record: 'complete' };
}

/** Whether both are the same feature, whatever is known of it. */
export function isSame(one: FeatureName, other: FeatureName): boolean {
  return one.layer === other.layer && one.id === other.id;
}

/** A link names a feature and no more. */
export function isBare({ properties }: PlacedFeature): boolean {
  return Object.keys(properties).length === 0;
}

/** Looks for a feature around the place: a line is clicked a little beside itself. */
export async function besideIt(content: SheetContent, signal: AbortSignal): Promise<SheetContent> {
  const { feature, lon, lat } = content;
  const near = await fetchNearest(feature.layer, [lon, lat], LOOKED_THROUGH, signal);
  const same = near.find(({ id }) => id === feature.id);
  return same ? { ...content, feature: { ...same, layer: feature.layer } } : content;
}
