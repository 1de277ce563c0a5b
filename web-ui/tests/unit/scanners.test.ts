import { expect, test } from 'vitest';
import { countsOn, firstDay } from '$lib/scanners';

test.each([
  ['2026-11-20', 'later'],
  ['2026-11-21', 'now'],
  ['2026-12-20', 'now'],
  ['2026-12-21', 'over'],
] as const)('a device named until 20 December counts in the thirty days up to it: on %s it is %s', (today, when) => {
  expect(countsOn(today, '2026-12-20')).toBe(when);
});

test('its first day is found across a month, a year and a leap day', () => {
  expect(['2026-12-20', '2027-01-05', '2028-03-01'].map(firstDay)).toEqual(['2026-11-21', '2026-12-07', '2028-02-01']);
  expect(firstDay('next week')).toBeUndefined();
});
