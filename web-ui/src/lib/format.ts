/** Numbers, times and lengths as people in the Netherlands and Belgium write them. Pure: clock and zone are passed in. */
import type { Country } from '$lib/api/types';

/** Where the office is, as far as writing goes. */
export interface Region {
  /** BCP 47, for example `nl-BE`. */
  locale: string;
  country: Country;
  /** IANA name; undefined for the browser's own. */
  timeZone: string | undefined;
}

/** The locale of a language in a country. English is written as in Britain: day before month, 24 hours. */
export function localeOf(language: string, country: Country): string {
  if (language === 'nl') return country === 'BE' ? 'nl-BE' : 'nl-NL';
  return language === 'fr' ? 'fr-BE' : 'en-GB';
}

const PREFIX: Record<Country, string> = { NL: '+31', BE: '+32' };

/** Dutch area codes of two digits after the zero, and the business numbers 085 and 088 that are written the same way. */
const NL_SHORT_AREAS = /^0(?:10|13|15|20|23|24|26|30|33|35|36|38|40|43|45|46|50|53|55|58|7\d|85|88|91)/;

/** The groups of a number in its own country, each pattern with the sizes of its groups. */
const GROUPS: Record<Country, [RegExp, number[]][]> = {
  NL: [
    [/^06\d{8}$/, [2, 2, 2, 2, 2]],
    [/^0(?:800|90[069])\d+$/, [4, 4]],
    [/^0\d{9}$/, [4, 2, 2, 2]],
  ],
  BE: [
    [/^04\d{8}$/, [4, 2, 2, 2]],
    [/^0[2349]\d{7}$/, [2, 3, 2, 2]],
    [/^0(?:800|90\d)\d{5}$/, [4, 2, 3]],
    [/^0\d{8}$/, [3, 2, 2, 2]],
  ],
};

function inGroups(digits: string, sizes: number[]): string {
  const parts: string[] = [];
  let at = 0;
  for (const size of sizes) {
    parts.push(digits.slice(at, at + size));
    at += size;
  }
  parts.push(digits.slice(at));
  return parts.filter((part) => part !== '').join(' ');
}

/** A number as the office writes it: nationally with spaces when it is of the office's country,
 * with its plus and spaces when it is of the neighbour, otherwise as it is. */
export function phoneNumber(number: string, country: Country): string {
  const prefix = PREFIX[country];
  if (number.startsWith(prefix)) return national(`0${number.slice(prefix.length)}`, country);
  const neighbour = country === 'NL' ? 'BE' : 'NL';
  const code = PREFIX[neighbour];
  if (!number.startsWith(code)) return number;
  return `${code} ${national(`0${number.slice(code.length)}`, neighbour).slice(1)}`;
}

/** A number with its leading zero, in the groups of its country. */
function national(digits: string, country: Country): string {
  if (country === 'NL' && digits.length === 10 && NL_SHORT_AREAS.test(digits)) return inGroups(digits, [3, 3, 2, 2]);
  const groups = GROUPS[country].find(([pattern]) => pattern.test(digits));
  return groups === undefined ? digits : inGroups(digits, groups[1]);
}

/** A number from outside in E.164, from however it was typed; undefined when it cannot be one. */
export function toE164(typed: string, country: Country): string | undefined {
  const text = typed.replace(/\(0\)/g, '').replace(/[\s().\-/]/g, '');
  const international = text
    .replace(/^00/, '+')
    .replace(/^0/, PREFIX[country]);
  return /^\+[1-9]\d{3,14}$/.test(international) ? international : undefined;
}

/** Whether a number is one from outside that a telephone link can dial. */
export function isOutside(number: string): boolean {
  return /^\+\d+$/.test(number);
}

/** `10:42`. */
export function timeOfDay(at: number, region: Region): string {
  return new Intl.DateTimeFormat(region.locale, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone: region.timeZone,
  }).format(at);
}

/** `2026-11-23`: the same for two moments when they are on the same day of the office. */
export function dayKey(at: number, region: Region): string {
  return new Intl.DateTimeFormat('en-CA', {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    timeZone: region.timeZone,
  }).format(at);
}

/** `10:42` today, `22/11 10:42` on another day. */
export function moment(at: number, now: number, region: Region): string {
  const key = dayKey(at, region);
  const time = timeOfDay(at, region);
  return key === dayKey(now, region) ? time : `${key.slice(8)}/${key.slice(5, 7)} ${time}`;
}

/** Today, yesterday, or the day in full. */
export function dayName(at: number, now: number, region: Region): string {
  const day = Date.parse(dayKey(at, region));
  const daysAgo = (Date.parse(dayKey(now, region)) - day) / 86_400_000;
  const text =
    daysAgo === 0 || daysAgo === 1
      ? new Intl.RelativeTimeFormat(region.locale, { numeric: 'auto' }).format(-daysAgo, 'day')
      : new Intl.DateTimeFormat(region.locale, {
          weekday: 'long',
          day: 'numeric',
          month: 'long',
          timeZone: region.timeZone,
        }).format(at);
  return text.charAt(0).toLocaleUpperCase(region.locale) + text.slice(1);
}

/** `3 min 20 s`; an hour is `u` in Dutch. */
export function length(seconds: number, region: Region): string {
  const whole = Math.max(0, Math.round(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const hourSign = region.locale.startsWith('nl') ? 'u' : 'h';
  const parts =
    hours > 0 ? [[hours, hourSign], [minutes, 'min']] : minutes > 0 ? [[minutes, 'min'], [whole % 60, 's']] : [[whole, 's']];
  return parts.map(([count, unit]) => `${String(count)}\u00a0${String(unit)}`).join(' ');
}

/** An amount of money, given in ten-thousandths of a euro: `€ 1,20`, with as many decimals as it needs, up to four. */
export function euro(tenThousandths: number, region: Region): string {
  const money = { style: 'currency', currency: 'EUR', maximumFractionDigits: 4 } as const;
  return new Intl.NumberFormat(region.locale, money).format(tenThousandths / 10_000);
}

/** `22/11/2026 10:42`, for what may be months ago. */
export function dateAndTime(at: number, region: Region): string {
  const key = dayKey(at, region);
  return `${key.slice(8)}/${key.slice(5, 7)}/${key.slice(0, 4)} ${timeOfDay(at, region)}`;
}

/** `22/11/2026`, of the day `2026-11-22`. */
export function writtenDay(date: string): string {
  return date.split('-').reverse().join('/');
}

/** `2:05`, for what runs. */
export function running(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const tail = String(whole % 60).padStart(2, '0');
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${String(minutes)}:${tail}`
    : `${String(Math.floor(minutes / 60))}:${String(minutes % 60).padStart(2, '0')}:${tail}`;
}

/** `80:5e:c0:aa:bb:cc`, as on the sticker under a phone. */
export function macAddress(mac: string): string {
  return mac.toUpperCase().match(/../g)?.join(':') ?? mac;
}

/** The first letters of a name's first and last word. */
export function initials(name: string): string {
  const words = name.trim().split(/\s+/);
  const letters = [words[0], words.length > 1 ? words.at(-1) : ''].map((word) => [...(word ?? '')][0] ?? '');
  return letters.join('').toLocaleUpperCase();
}

/** A code of letters and digits in groups of five, as it is read aloud. */
export function grouped(code: string): string {
  return code.replace(/(.{5})(?=.)/g, '$1-');
}
