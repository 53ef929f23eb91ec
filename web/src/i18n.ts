// The two languages of the page: its own words, and how numbers, days and code values are written.
// Words that belong to a layer come from the catalogue, through /layers.

import type { Attribute, Title } from './api';
import { readHash, writeHash } from './permalink';
import { readStored, store } from './storage';
import { WORDS } from './words';

export type Language = 'vi' | 'en';

export type Word = keyof typeof WORDS;

/** Stands between the codes of a value of several. */
export const CODE_SEPARATOR = '+';

/** The city's clock. */
const CITY_TIME = 'Asia/Ho_Chi_Minh';

/** Letters of `dd/MM/yyyy`, and of an ISO date. */
const DAY_LENGTH = 10;

const STORAGE_KEY = 'urbis-language';
const listeners: (() => void)[] = [];
let current: Language = firstLanguage();

/** The language that the page is in. */
export function language(): Language {
  return current;
}

/** Takes over the language of a link that was opened or gone back to. */
export function followLanguage(): void {
  const linked = readHash('lang');
  const asked = linked === 'en' || linked === 'vi' ? linked : current;
  if (asked === current) return;
  current = asked;
  listeners.forEach((listener) => listener());
}

/** Changes the language of the page, its address and the next visit. */
export function setLanguage(next: Language): void {
  current = next;
  writeHash('lang', next);
  store('localStorage', STORAGE_KEY, next);
  listeners.forEach((listener) => listener());
}

/** Runs `listener` now and after each change of language. */
export function onLanguage(listener: () => void): void {
  listeners.push(listener);
  listener();
}

/** One of the page's own words. */
export function word(key: Word): string {
  return WORDS[key][current];
}

/** A text of the catalogue in the page's language. */
export function text(title: Title): string {
  return title[current];
}

/** A whole or broken number, `1.234,5` in Vietnamese. */
export function number(value: number, fractionDigits = 3): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: fractionDigits }).format(value);
}

/** A day, `dd/MM/yyyy`; text that is no ISO date stays as it is. */
export function day(iso: string): string {
  const [, year, month, date] = iso.match(/^(\d{4})-(\d{2})-(\d{2})/) ?? [];
  return year ? `${date}/${month}/${year}` : iso;
}

/** Today by the reader's clock, YYYY-MM-DD. */
export function localToday(): string {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, DAY_LENGTH);
}

/** A length on the ground: `85 m`, `1,2 km`. */
export function distance(metres: number): string {
  if (metres < 1_000) return `${number(metres, 0)}\u00a0m`;
  return `${number(metres / 1_000, metres < 10_000 ? 2 : 1)}\u00a0km`;
}

/** A duration in its largest unit: `350 ms`, `12 s`, `5 min`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s`;
  const minute = current === 'vi' ? 'phút' : 'min';
  return `${Math.round(ms / 60_000)} ${minute}`;
}

/** A value of a feature as a person reads it; absent where there is nothing to show. */
export function attributeValue(attribute: Attribute, value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  const label = attribute.values?.[String(value)];
  if (label) return text(label);
  if (attribute.type === 'codes') return codeLabels(attribute, String(value));
  if (attribute.type === 'code') return String(value);
  if (attribute.type === 'boolean') return word(value === true || value === 'true' ? 'yes' : 'no');
  if (attribute.type === 'date') return day(String(value));
  if (attribute.type === 'datetime') return instant(String(value));
  if (typeof value === 'number') return withUnit(number(value), attribute.unit);
  return withUnit(String(value), attribute.unit);
}

/** The label of an attribute without the unit in brackets, which stands beside the value. */
export function attributeLabel(attribute: Attribute): string {
  const label = text(attribute.title);
  return attribute.unit ? label.replace(` (${attribute.unit})`, '') : label;
}

/** First letter upper case: code values are written lower case in the catalogue. */
export function capitalised(label: string): string {
  return label.charAt(0).toLocaleUpperCase(locale()) + label.slice(1);
}

/** Several codes in one value, each by its label. */
function codeLabels(attribute: Attribute, value: string): string {
  const labels = value.split(CODE_SEPARATOR).map((code) => {
    const label = attribute.values?.[code];
    return label ? text(label) : code;
  });
  return labels.join(', ');
}

function withUnit(value: string, unit: string | null | undefined): string {
  return unit ? `${value}\u00a0${unit}` : value;
}

/** Day and minute by the city's clock, whatever the reader's. */
function instant(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: CITY_TIME,
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(moment);
}

/** When something begins: a day where it begins with the day, else day and minute. */
export function beginning(iso: string): string {
  return isMidnight(iso) ? instant(iso).slice(0, DAY_LENGTH) : instant(iso);
}

/** When something ends: a midnight is the end of the day before it. */
export function ending(iso: string): string {
  if (!isMidnight(iso)) return instant(iso);
  const before = new Date(new Date(iso).getTime() - 1).toISOString();
  return `${word('endOfDay')} ${instant(before).slice(0, DAY_LENGTH)}`;
}

/** Whether a day of the city begins then. */
function isMidnight(iso: string): boolean {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return false;
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone: CITY_TIME, hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return clock.format(moment) === '00:00:00' && moment.getMilliseconds() === 0;
}

/** The page's language as the browser knows it. */
export function locale(): string {
  return current === 'vi' ? 'vi-VN' : 'en-GB';
}

function firstLanguage(): Language {
  const asked = readHash('lang') ?? readStored('localStorage', STORAGE_KEY);
  return asked === 'en' ? 'en' : 'vi';
}
