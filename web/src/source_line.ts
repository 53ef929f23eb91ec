// Sources in words: whose data it is, under which licence, and how old.

import type { Layer, Source } from './api';
import { day, word } from './i18n';

/** A source in full: who, under which licence, fetched when. */
function sourceLine(source: Source): string {
  const who = source.attribution && source.attribution !== source.publisher ? source.attribution : source.publisher;
  const made = source.synthetic ? `${word('synthetic')} · ` : '';
  return `${made}${who} · ${source.licence} · ${word('retrieved')} ${day(source.retrieved)}`;
}

/** The sources of a layer in full, those that read alike once. */
export function sourceLines({ sources }: Layer): string[] {
  return [...new Set(sources.map(sourceLine))];
}

/** Whose data the map shows, each once; OpenStreetMap first, as its licence asks to be seen. */
export function attributionLines(layers: readonly Layer[]): string[] {
  const sources = layers.flatMap((layer) => layer.sources).filter((source) => !source.synthetic);
  const lines = new Set(sources.map((source) => source.attribution ?? `${source.publisher} (${source.licence})`));
  const isOsm = (line: string) => line.includes('OpenStreetMap');
  return [...lines].sort((one, other) => Number(isOsm(other)) - Number(isOsm(one)));
}
