// That every key exists in every language is proven by the compiler; here is what the compiler cannot see.
import { describe, expect, test } from 'vitest';
import { contract as contractEn } from '$messages/contract.en';
import { contract as contractFr } from '$messages/contract.fr';
import { contract as contractNl } from '$messages/contract.nl';
import { costs as costsEn } from '$messages/costs.en';
import { costs as costsFr } from '$messages/costs.fr';
import { costs as costsNl } from '$messages/costs.nl';
import { doctor as doctorEn } from '$messages/doctor.en';
import { doctor as doctorFr } from '$messages/doctor.fr';
import { doctor as doctorNl } from '$messages/doctor.nl';
import { en } from '$messages/en';
import { fr } from '$messages/fr';
import { kept as keptEn } from '$messages/kept.en';
import { kept as keptFr } from '$messages/kept.fr';
import { kept as keptNl } from '$messages/kept.nl';
import { logo as logoEn } from '$messages/logo.en';
import { logo as logoFr } from '$messages/logo.fr';
import { logo as logoNl } from '$messages/logo.nl';
import { nl } from '$messages/nl';
import { paper as paperEn } from '$messages/paper.en';
import { paper as paperFr } from '$messages/paper.fr';
import { paper as paperNl } from '$messages/paper.nl';
import { prices as pricesEn } from '$messages/prices.en';
import { prices as pricesFr } from '$messages/prices.fr';
import { prices as pricesNl } from '$messages/prices.nl';
import { providerProblems as providerEn } from '$messages/provider.en';
import { providerProblems as providerFr } from '$messages/provider.fr';
import { providerProblems as providerNl } from '$messages/provider.nl';
import { urgent as urgentEn } from '$messages/urgent.en';
import { urgent as urgentFr } from '$messages/urgent.fr';
import { urgent as urgentNl } from '$messages/urgent.nl';
import { voicemail as voicemailEn } from '$messages/voicemail.en';
import { voicemail as voicemailFr } from '$messages/voicemail.fr';
import { voicemail as voicemailNl } from '$messages/voicemail.nl';
import { alarms, blockReasons, certificates, deckFaults, decks, phonePaths, reasons, refusals, routers } from './codes';

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

/** The words that everybody loads, and those that come with a part of the page. */
const catalogues = {
  nl: texts({ ...nl, provider: providerNl, logo: logoNl, paper: paperNl, urgent: urgentNl, costs: costsNl, prices: pricesNl, contract: contractNl, doctor: doctorNl, kept: keptNl, voicemail: voicemailNl }, ''),
  fr: texts({ ...fr, provider: providerFr, logo: logoFr, paper: paperFr, urgent: urgentFr, costs: costsFr, prices: pricesFr, contract: contractFr, doctor: doctorFr, kept: keptFr, voicemail: voicemailFr }, ''),
  en: texts({ ...en, provider: providerEn, logo: logoEn, paper: paperEn, urgent: urgentEn, costs: costsEn, prices: pricesEn, contract: contractEn, doctor: doctorEn, kept: keptEn, voicemail: voicemailEn }, ''),
};
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
  expect(Object.keys(providerEn)).toEqual([...refusals, ...routers, ...decks, ...phonePaths]);
});

test('each fault of a price list has words, and nothing else has', () => {
  expect(Object.keys(pricesEn.faults)).toEqual(deckFaults);
});

test.each(certificates)('a certificate that is worth %s has words', (code) => {
  expect(Object.keys(en.phones.certificate)).toContain(code);
});

test.each(alarms)('the alarm %s has words', (code) => {
  expect(Object.keys(en.problems.known)).toContain(code);
});

test('each reason for which somebody is kept out has words, and nothing else has', () => {
  expect(Object.keys(keptEn.reasons).sort()).toEqual([...blockReasons, 'other'].sort());
});
