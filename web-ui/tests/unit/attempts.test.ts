import { expect, test } from 'vitest';
import { attemptsOf } from '$lib/attempts';

test('what was stopped today is one number, whether somebody got in or nobody', () => {
  expect(attemptsOf([])).toBeUndefined();
  expect(attemptsOf([{ code: 'deck-old', detail: '7' }])).toBeUndefined();
  expect(attemptsOf([{ code: 'attempts-stopped', detail: '214' }])).toBe(214);
  expect(attemptsOf([{ code: 'attempts-got-in', detail: '214 2' }])).toBe(214);
});
