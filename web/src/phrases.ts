// Sentences with something in them, and the short forms in which a dispatcher reads times.

import { language, number, type Word, word } from './i18n';

/** One of the page's words with its `{places}` filled in. */
export function phrase(key: Word, values: Record<string, string | number>): string {
  return word(key).replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** A time to drive, short: `45 s`, `3 min 20 s`, `14 min`. */
export function travelTime(seconds: number): string {
  const whole = Math.round(seconds);
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  const [minute, second] = language() === 'vi' ? ['ph', 's'] : ['min', 's'];
  if (minutes === 0) return `${rest}\u00a0${second}`;
  if (minutes >= 60) return `${number(whole / 3600, 1)}\u00a0${language() === 'vi' ? 'giờ' : 'h'}`;
  return rest === 0 ? `${minutes}\u00a0${minute}` : `${minutes}\u00a0${minute} ${rest}\u00a0${second}`;
}

/** An age: `now`, `12 s ago`, `5 min ago`. */
export function ago(seconds: number): string {
  if (seconds < 1.5) return word('justNow');
  const [minute, hour] = [60, 3_600];
  const [value, unit] =
    seconds < minute ? [seconds, 's'] : seconds < hour ? [seconds / minute, language() === 'vi' ? 'phút' : 'min'] : [seconds / hour, language() === 'vi' ? 'giờ' : 'h'];
  return phrase('ago', { time: `${Math.floor(value)}\u00a0${unit}` });
}
