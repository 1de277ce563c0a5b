import { describe, expect, it } from 'vitest';
import { dayShown, daysTyped, hoursShown, hoursTyped } from '$lib/opening';

describe('the hours of the office', () => {
  it('are read however people write them', () => {
    for (const [typed, read] of [
      ['08:00-18:00', '08:00-18:00'],
      ['8-18', '8:00-18:00'],
      ['9 tot 12:30 en 13u – 17.30', '9:00-12:30, 13:00-17:30'],
      ['9h-12h30 et 13h à 17h', '9:00-12:30, 13:00-17:00'],
      ['', 'closed'],
      ['nonsense', 'nonsense'],
      ['8:0-x', '8:0-x'],
    ]) {
      expect(hoursTyped(typed ?? ''), typed).toBe(read);
    }
    expect([hoursShown('closed'), hoursShown('08:00-12:00')]).toEqual(['', '08:00-12:00']);
  });

  it('know days as they are written on a calendar', () => {
    expect(daysTyped('24-12-2026\n 5/1/2027, 2027-01-06\nsoon')).toEqual(['2026-12-24', '2027-01-05', '2027-01-06', 'soon']);
    expect(dayShown('2026-12-24')).toBe('24-12-2026');
  });
});
