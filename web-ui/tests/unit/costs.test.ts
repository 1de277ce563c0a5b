import { expect, test } from 'vitest';
import { centsFrom } from '$lib/costs';

test.each([
  ['75', 7500],
  ['75,5', 7550],
  ['75.50', 7550],
  [' € 0,05 ', 5],
  ['1000,-', 100_000],
])('%s is an amount', (typed, cents) => {
  expect(centsFrom(typed)).toBe(cents);
});

test.each(['', '€', '-5', '1.000', '7,555', '5 euro', '1e3', '1234567', ',50'])('“%s” is no amount that we are sure of', (typed) => {
  expect(centsFrom(typed)).toBeUndefined();
});
