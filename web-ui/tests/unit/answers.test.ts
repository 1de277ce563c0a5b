import { expect, test } from 'vitest';
import { refusalOf } from '$lib/answers';
import { answers as en } from '$messages/answers.en';
import { answers as fr } from '$messages/answers.fr';
import { answers as nl } from '$messages/answers.nl';

type Refusal = NonNullable<Parameters<typeof refusalOf>[0]['refusal']> | null;
const said = (refusal: Refusal, outcome = 'refused', words = en) =>
  refusalOf({ refusal, outcome: outcome as Parameters<typeof refusalOf>[0]['outcome'] }, words);

test.each([
  [404, 'The other side says: this number does not exist.'],
  [486, 'The other side says: the line is busy.'],
  [608, 'The other side says: a filter against unwanted calls stopped it.'],
  [403, 'The provider Voys says: this call is not allowed, by the contract or the account.'],
  [503, 'The provider Voys says: the call cannot be taken now: all is full, or there is a fault.'],
  [499, 'The provider Voys says: refused, with code 499.'],
])('a provider’s %i is told as what it means and from whom', (status, words) => {
  expect(said({ by: 'provider', status, trunk: 'Voys' })).toBe(words);
});

test('what a phone of the office and the box itself say is told as theirs', () => {
  expect(said({ by: 'phone', status: 603 })).toBe('The phone says: the call was declined.');
  expect(said({ by: 'box', status: 480 }, 'no-answer')).toBe('The box says: nobody answered in time.');
  expect(said({ by: 'box', status: 403 }, 'blocked')).toBe('The box says: a rule of the office does not allow this call.');
});

test('a call that nobody refused has no such sentence', () => {
  expect(said(null, 'answered')).toBeUndefined();
});

test('each answer code that providers send for a call has words in every language', () => {
  const codes = [401, 402, 403, 404, 407, 408, 410, 480, 484, 486, 488, 500, 502, 503, 504, 600, 603, 604, 606, 607, 608];
  for (const words of [nl, fr, en])
    for (const code of codes) expect(Object.keys(words.codes)).toContain(String(code));
});
