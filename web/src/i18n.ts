// The two languages of the page: its own words, and how numbers, days and code values are written.
// Words that belong to a layer come from the catalogue, through /layers.

import type { Attribute, Title } from './api';
import { readHash, writeHash } from './permalink';

export type Language = 'vi' | 'en';

const WORDS = {
  skip: { vi: 'Tới danh sách lớp', en: 'Skip to the list of layers' },
  mapOf: { vi: 'Bản đồ', en: 'Map of' },
  mapKeys: {
    vi: 'Mũi tên để di chuyển, + và − để phóng, Enter để xem đối tượng ở giữa bản đồ.',
    en: 'Arrow keys move, + and − zoom, Enter reads what is at the centre of the map.',
  },
  layers: { vi: 'Lớp dữ liệu', en: 'Layers' },
  showLayers: { vi: 'Mở danh sách lớp', en: 'Open the list of layers' },
  hideLayers: { vi: 'Đóng danh sách lớp', en: 'Close the list of layers' },
  language: { vi: 'Ngôn ngữ', en: 'Language' },
  features: { vi: 'đối tượng', en: 'features' },
  fromZoom: { vi: 'Hiện khi phóng gần hơn', en: 'Shown when zoomed in' },
  otherValues: { vi: 'loại khác', en: 'other' },
  loading: { vi: 'Đang tải…', en: 'Loading…' },
  layersFailed: {
    vi: 'Chưa đọc được danh sách lớp. Trang sẽ tự thử lại.',
    en: 'The list of layers could not be read. The page will try again.',
  },
  zoomIn: { vi: 'Phóng to', en: 'Zoom in' },
  zoomOut: { vi: 'Thu nhỏ', en: 'Zoom out' },
  north: { vi: 'Quay về hướng bắc', en: 'Turn north up' },
  wholeCity: { vi: 'Xem toàn thành phố', en: 'Show the whole city' },
  close: { vi: 'Đóng', en: 'Close' },
  alsoHere: { vi: 'Cùng vị trí', en: 'Also here' },
  source: { vi: 'Nguồn', en: 'Source' },
  retrieved: { vi: 'lấy ngày', en: 'retrieved' },
  position: { vi: 'Tọa độ', en: 'Position' },
  noDetails: { vi: 'Chưa có thông tin mô tả.', en: 'No description is recorded.' },
  detailsFailed: { vi: 'Chưa đọc được thông tin đầy đủ.', en: 'The full record could not be read.' },
  yes: { vi: 'có', en: 'yes' },
  no: { vi: 'không', en: 'no' },
  connected: { vi: 'Trực tuyến', en: 'Live' },
  revision: { vi: 'bản', en: 'revision' },
  age: { vi: 'trễ', en: 'age' },
  stale: { vi: 'Dữ liệu chậm', en: 'Data is late' },
  disconnected: { vi: 'Mất kết nối', en: 'Disconnected' },
  connecting: { vi: 'Đang kết nối…', en: 'Connecting…' },
} satisfies Record<string, Title>;

export type Word = keyof typeof WORDS;

const STORAGE_KEY = 'urbis-language';
const listeners: (() => void)[] = [];
let current: Language = firstLanguage();

/** The language that the page is in. */
export function language(): Language {
  return current;
}

/** Changes the language of the page, its address and the next visit. */
export function setLanguage(next: Language): void {
  current = next;
  writeHash('lang', next === 'vi' ? '' : next);
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    // Storage may be forbidden; the language then lasts as long as the page.
  }
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

function withUnit(value: string, unit: string | null | undefined): string {
  return unit ? `${value}\u00a0${unit}` : value;
}

/** The city's clock, whatever the reader's. */
function instant(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) return iso;
  return new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Asia/Ho_Chi_Minh',
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  }).format(moment);
}

function locale(): string {
  return current === 'vi' ? 'vi-VN' : 'en-GB';
}

function firstLanguage(): Language {
  const asked = readHash('lang') ?? stored();
  return asked === 'en' ? 'en' : 'vi';
}

function stored(): string | null {
  try {
    return localStorage.getItem(STORAGE_KEY);
  } catch {
    return null;
  }
}
