// Sources in words: whose data it is, under which licence, and how old.

import type { Catalog, Source } from './api';
import { day, word } from './i18n';

/** A source in full: who, under which licence, fetched when. */
export function sourceLine(source: Source): string {
  const who = source.attribution && source.attribution !== source.publisher ? source.attribution : source.publisher;
  const made = source.synthetic ? `${word('synthetic')} · ` : '';
  return `${made}${who} · ${source.licence} · ${word('retrieved')} ${day(source.retrieved)}`;
}

/** Whose data the map shows, each once; OpenStreetMap first, as its licence asks to be seen. */
export function attributionLines(catalog: Catalog): string[] {
  const sources = catalog.layers.flatMap((layer) => layer.sources).filter((source) => !source.synthetic);
  const lines = new Set(sources.map((source) => source.attribution ?? `${source.publisher} (${source.licence})`));
  const isOsm = (line: string) => line.includes('OpenStreetMap');
  return [...lines].sort((one, other) => Number(isOsm(other)) - Number(isOsm(one)));
}
