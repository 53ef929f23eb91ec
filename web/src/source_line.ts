// Sources in words: whose data it is, under which licence, and how old.

import type { Layer, Source } from './api';
import { day, word } from './i18n';

/** Names and places alone were taken, which are nobody's work; the source states no licence. */
const FACTS_ONLY = 'LicenseRef-facts';

/** A source in full: who, under which licence, fetched when. */
function sourceLine(source: Source): string {
  const who = source.synthetic ? `${source.publisher} · ${word('synthetic')}` : source.attribution || source.publisher;
  const licence = source.licence === FACTS_ONLY ? word('factsOnly') : source.licence;
  return `${who} · ${licence} · ${word('retrieved')} ${day(source.retrieved)}`;
}

/** The sources of a layer in full, those that read alike once. */
export function sourceLines({ sources }: Layer): string[] {
  return [...new Set(sources.map(sourceLine))];
}

/**
 * Whose data the map shows, each once with the day it was last fetched; OpenStreetMap first, as its
 * licence asks to be seen.
 */
export function attributionLines(layers: readonly Layer[]): string[] {
  const sources = layers.flatMap((layer) => layer.sources).filter((source) => !source.synthetic);
  const newest = new Map<string, string>();
  for (const source of sources) {
    const who = publicName(source);
    const before = newest.get(who) ?? '';
    newest.set(who, source.retrieved > before ? source.retrieved : before);
  }
  const isOsm = ([who]: [string, string]) => who.includes('OpenStreetMap');
  const inOrder = [...newest].sort((one, other) => Number(isOsm(other)) - Number(isOsm(one)));
  // A name and its day are never parted by the end of a line.
  return inOrder.map(([who, retrieved]) => `${who},\u00a0${day(retrieved)}`);
}

function publicName({ attribution, publisher, licence }: Source): string {
  return attribution ?? (licence === FACTS_ONLY ? publisher : `${publisher} (${licence})`);
}
