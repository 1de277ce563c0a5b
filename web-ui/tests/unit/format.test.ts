import { describe, expect, test } from 'vitest';
import {
  dateAndTime,
  dayName,
  euro,
  initials,
  length,
  localeOf,
  grouped,
  macAddress,
  moment,
  phoneNumber,
  running,
  timeOfDay,
  toE164,
  writtenDay,
  type Region,
} from '$lib/format';

const amsterdam: Region = { locale: 'nl-NL', country: 'NL', timeZone: 'Europe/Amsterdam' };
const brussels: Region = { locale: 'fr-BE', country: 'BE', timeZone: 'Europe/Brussels' };
const at = (iso: string) => Date.parse(iso);

describe('a telephone number is written as the country writes it', () => {
  test.each([
    ['+31201234567', 'NL', '020 123 45 67'],
    ['+31181234567', 'NL', '0181 23 45 67'],
    ['+31612345678', 'NL', '06 12 34 56 78'],
    ['+31851234567', 'NL', '085 123 45 67'],
    ['+318001234', 'NL', '0800 1234'],
    ['+3221234567', 'BE', '02 123 45 67'],
    ['+3210123456', 'BE', '010 12 34 56'],
    ['+32470123456', 'BE', '0470 12 34 56'],
    ['+3270123456', 'BE', '070 12 34 56'],
    ['+3280012345', 'BE', '0800 12 345'],
    ['+32470123456', 'NL', '+32 470 12 34 56'],
    ['+31201234567', 'BE', '+31 20 123 45 67'],
    ['+493012345678', 'NL', '+493012345678'],
    ['201', 'NL', '201'],
    ['112', 'BE', '112'],
  ] as const)('%s in %s is %s', (number, country, written) => {
    expect(phoneNumber(number, country)).toBe(written);
  });
});

describe('a typed number becomes E.164', () => {
  test.each([
    ['020 123 45 67', 'NL', '+31201234567'],
    ['(020) 123-4567', 'NL', '+31201234567'],
    ['+31 (0)20 123 45 67', 'NL', '+31201234567'],
    ['0031 20 1234567', 'BE', '+31201234567'],
    ['02/123.45.67', 'BE', '+3221234567'],
    ['020\u00a0123\u00a045\u00a067', 'NL', '+31201234567'],
  ] as const)('%s in %s is %s', (typed, country, number) => {
    expect(toE164(typed, country)).toBe(number);
  });

  test.each(['', 'Anna', '201', '+0201234567', '0612345678901234567'])('%j is not a number from outside', (typed) => {
    expect(toE164(typed, 'NL')).toBeUndefined();
  });

  test.each(['+31201234567', '+31181234567', '+31612345678'])('%s survives being shown and typed back', (number) => {
    expect(toE164(phoneNumber(number, 'NL'), 'NL')).toBe(number);
    expect(toE164(phoneNumber(number, 'BE'), 'BE')).toBe(number);
  });
});

describe('time is told in the time zone of the office', () => {
  test('with 24 hours, also just after midnight', () => {
    expect(timeOfDay(at('2026-11-23T22:05:00Z'), amsterdam)).toBe('23:05');
    expect(timeOfDay(at('2026-11-22T23:05:00Z'), brussels)).toBe('00:05');
  });

  test('a moment of another day carries its date', () => {
    const now = at('2026-11-23T12:00:00Z');
    expect(moment(at('2026-11-23T09:42:00Z'), now, amsterdam)).toBe('10:42');
    expect(moment(at('2026-11-22T22:59:00Z'), now, amsterdam)).toBe('22/11 23:59');
    expect(moment(at('2026-11-22T23:00:00Z'), now, amsterdam)).toBe('00:00');
  });

  test('a day is written as people do', () => {
    expect(writtenDay('2026-12-05')).toBe('05/12/2026');
  });

  test('days have names', () => {
    const now = at('2026-11-23T12:00:00Z');
    expect(dayName(at('2026-11-23T00:30:00Z'), now, amsterdam)).toBe('Vandaag');
    expect(dayName(at('2026-11-22T10:00:00Z'), now, brussels)).toBe('Hier');
    expect(dayName(at('2026-11-20T10:00:00Z'), now, brussels)).toBe('Vendredi 20 novembre');
  });

  test('the day before the clocks change is yesterday', () => {
    expect(dayName(at('2026-10-24T12:00:00Z'), at('2026-10-25T12:00:00Z'), amsterdam)).toBe('Gisteren');
  });
});

test('a length is told in the two largest units', () => {
  const plain = (seconds: number, region: Region) => length(seconds, region).replaceAll('\u00a0', ' ');
  expect(plain(0, amsterdam)).toBe('0 s');
  expect(plain(45.4, amsterdam)).toBe('45 s');
  expect(plain(200, amsterdam)).toBe('3 min 20 s');
  expect(plain(3725, amsterdam)).toBe('1 u 2 min');
  expect(plain(3725, brussels)).toBe('1 h 2 min');
});

test('what runs counts like a clock', () => {
  expect(running(5.9)).toBe('0:05');
  expect(running(125)).toBe('2:05');
  expect(running(3725)).toBe('1:02:05');
  expect(running(-3)).toBe('0:00');
});

test('a locale has the words of the language and the habits of the country', () => {
  expect(['nl', 'fr', 'en'].map((language) => localeOf(language, 'BE'))).toEqual(['nl-BE', 'fr-BE', 'en-GB']);
  expect(localeOf('nl', 'NL')).toBe('nl-NL');
});

test('an address is written as on the sticker, a name as its initials', () => {
  expect(macAddress('805ec0aabbcc')).toBe('80:5E:C0:AA:BB:CC');
  expect(initials('Anna')).toBe('A');
  expect(initials('Bram de Vries')).toBe('BV');
  expect(initials('  ')).toBe('');
});

test('money has as many decimals as it needs', () => {
  expect(euro(12_000, amsterdam)).toBe('€\u00a01,20');
  expect(euro(363, amsterdam)).toBe('€\u00a00,0363');
  expect(euro(12_000, brussels).replace(/\s/g, ' ')).toBe('1,20 €');
});

test('a moment that may be months ago has its year', () => {
  expect(dateAndTime(at('2026-10-25T00:30:00Z'), amsterdam)).toBe('25/10/2026 02:30');
});

test('a code is read aloud in groups of five', () => {
  expect(grouped('ACDEFGHJKLMNPQRTWXY3')).toBe('ACDEF-GHJKL-MNPQR-TWXY3');
  expect(grouped('')).toBe('');
});
