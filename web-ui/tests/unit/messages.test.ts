// That every key exists in every language is proven by the compiler; here is what the compiler cannot see.
import { describe, expect, test } from 'vitest';
import { en } from '$messages/en';
import { incidents } from '$messages/incidents.en';
import { kept } from '$messages/kept.en';
import { prices } from '$messages/prices.en';
import { problems } from '$messages/problems.en';
import { problems as problemsFr } from '$messages/problems.fr';
import { problems as problemsNl } from '$messages/problems.nl';
import { providerProblems } from '$messages/provider.en';
import { trust } from '$messages/trust.en';
import { trust as trustFr } from '$messages/trust.fr';
import { trust as trustNl } from '$messages/trust.nl';
import { usage } from '$messages/usage.en';
import {
  alarms,
  blockReasons,
  certificates,
  deckFaults,
  decks,
  incidentCodes,
  moves,
  phonePaths,
  reasons,
  refusals,
  routers,
  uses,
  ways,
} from './codes';

/** Every text of a catalogue by its path; functions are called with an example for each argument. */
function texts(node: unknown, path: string): [string, string][] {
  if (typeof node === 'string') return [[path, node]];
  if (typeof node === 'function') {
    const call = node as (...args: unknown[]) => string;
    // Number arguments are given a number-like example: a text in its place would break the plural rules.
    return [[path, call(...(Array(call.length).fill(3) as number[]))]];
  }
  if (typeof node !== 'object' || node === null) throw new Error(`${path} is neither a text nor a group of texts`);
  return Object.entries(node).flatMap(([key, value]) => texts(value, path === '' ? key : `${path}.${key}`));
}

/** Every file of words: what everybody loads, and what comes with a part of the page. */
const files = Object.entries(import.meta.glob<Record<string, unknown>>('../../src/messages/*.ts', { eager: true }));

/** All words of one language, under the same paths in each. */
function words(language: string): [string, string][] {
  return files.flatMap(([path, exports]) => {
    const [, part = '', of = part] = /(\w+)(?:\.(\w+))?\.ts$/.exec(path) ?? [];
    const under = part === of ? '' : `${part}.`;
    if (of !== language) return [];
    return Object.values(exports).flatMap((group) => texts(group, '').map(([at, text]): [string, string] => [under + at, text]));
  });
}

const catalogues = { nl: words('nl'), fr: words('fr'), en: words('en') };
const ACRONYMS = /\b(DID|IVR|CDR|ALG|SIP|RTP|PBX)\b/;
const forbidden: Record<string, RegExp> = {
  nl: /\b(extensie|extension|trunk|geregistreerd|provisioning|ongeldig|oeps|alsjeblieft|u|uw)\b/i,
  fr: /\b(extension|trunk|provisioning|invalide|oups|svp|tu|ton|ta)\b/i,
  en: /\b(extension|trunk|registered|provisioning|invalid|oops|please)\b/i,
};

describe.each(Object.entries(catalogues))('the words in %s', (language, entries) => {
  const offending = (wrong: (text: string) => boolean) => entries.filter(([, text]) => wrong(text));

  test('are never empty, but for the fix of a problem that the page cannot mend', () => {
    const empty = offending((text) => text.trim() === '').map(([path]) => path);
    expect(empty.filter((path) => !path.endsWith('.fix'))).toEqual([]);
  });

  test('hold no word that an office manager does not know, and no blame', () => {
    expect(offending((text) => ACRONYMS.test(text) || (forbidden[language]?.test(text) ?? true))).toEqual([]);
  });

  test('show no leftover of their making', () => {
    expect(offending((text) => /undefined|\[object|\$\{|#/.test(text))).toEqual([]);
  });
});

test('French has a space that does not break before two-part punctuation, and typographic apostrophes', () => {
  const wrong = catalogues.fr.filter(([, text]) => /[^\u00a0\d][:;?!](\s|$)/.test(text) || text.includes("'"));
  expect(wrong).toEqual([]);
});

test('every file of words is read, in three languages', () => {
  const paths = (entries: [string, string][]) => entries.map(([path]) => path).sort();
  expect(files.length % 3).toBe(0);
  expect(catalogues.en.length).toBeGreaterThan(500);
  expect(paths(catalogues.nl)).toEqual(paths(catalogues.en));
  expect(paths(catalogues.fr)).toEqual(paths(catalogues.en));
});

test('no language was left untranslated', () => {
  const english = new Map(catalogues.en);
  const same = (entries: [string, string][]) =>
    entries.filter(([path, text]) => text.includes(' ') && english.get(path) === text).map(([path]) => path);
  expect(same(catalogues.nl)).toEqual([]);
  expect(same(catalogues.fr)).toEqual([]);
});

test.each(reasons)('a phone that is refused or behind with %s has words', (code) => {
  expect(Object.keys(en.phones.reasons)).toContain(code);
});

test('each refusal of a provider, and each word on a router, a price list and the way to a phone has words, and nothing else has', () => {
  expect(Object.keys(providerProblems)).toEqual([...ways, ...refusals, ...moves, ...routers, ...decks, ...phonePaths]);
});

test('each word on what people use has words, and nothing else has', () => {
  expect(Object.keys(usage.known)).toEqual(uses);
});

test('each fault of a price list has words, and nothing else has', () => {
  expect(Object.keys(prices.faults)).toEqual(deckFaults);
});

test.each(certificates)('a certificate that is worth %s has words', (code) => {
  expect(Object.keys(en.phones.certificate)).toContain(code);
});

test.each(alarms)('the alarm %s has words', (code) => {
  expect(Object.keys(en.problems.known)).toContain(code);
});

test('each reason for which somebody is kept out has words, and nothing else has', () => {
  expect(Object.keys(kept.reasons).sort()).toEqual([...blockReasons, 'other'].sort());
});

test.each(incidentCodes)('what was tried or done as %s has words', (code) => {
  expect(Object.keys(incidents.words)).toContain(code);
});

test('that nobody got in is said where nobody did, and how many did where somebody did', () => {
  const none = /None got in|Geen enkele is gelukt|Aucune n’a réussi/;
  const catalogues = { en: [problems, trust], nl: [problemsNl, trustNl], fr: [problemsFr, trustFr] } as const;
  for (const [kept, broken] of Object.values(catalogues)) {
    expect(kept.known['attempts-stopped'].title('', '214')).toMatch(none);
    const told = broken.known['attempts-got-in'].title('', '214 2');
    expect(told).toMatch(/214.*2\.$/);
    expect(told).not.toMatch(none);
  }
});
