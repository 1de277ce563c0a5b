import { expect, test } from 'vitest';
import { counter } from '$lib/plural';

const forms = { one: '# appel', other: '# appels' };

test('French counts zero as one, Dutch and English do not', () => {
  expect(counter('fr-BE')(0, forms)).toBe('0 appel');
  expect(counter('nl-NL')(0, forms)).toBe('0 appels');
  expect(counter('en-GB')(0, forms)).toBe('0 appels');
});

test('one is singular, more is plural, and large numbers are grouped', () => {
  expect(counter('nl-NL')(1, forms)).toBe('1 appel');
  expect(counter('fr-BE')(2, forms)).toBe('2 appels');
  expect(counter('nl-NL')(1234, forms)).toBe('1.234 appels');
});
