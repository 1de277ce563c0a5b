/** Calls that somebody stopped: the words, and what each stop is called. */
import type { StopView } from '$lib/api/types';
import { LateWords } from '$lib/late-words.svelte';
import { office } from '$lib/office.svelte';
import type { Stops } from '$messages/stops.en';

export const stopsWords = new LateWords<Stops>({
  nl: async () => (await import('$messages/stops.nl')).stops,
  fr: async () => (await import('$messages/stops.fr')).stops,
  en: async () => (await import('$messages/stops.en')).stops,
});

/** The stops of one person: all calls to outside, or those that cost more. */
export function stopsOf(number: string, m: Stops): { stop: StopView['stop']; words: Stops['person'] }[] {
  return [
    { stop: `person/${number}`, words: m.person },
    { stop: `paid/${number}`, words: m.paid },
  ];
}

/** What is stopped, as a name and as a sentence. */
export function stopWords(stop: StopView['stop'], m: Stops): { name: string; on: string } {
  if (stop === 'outgoing' || stop === 'abroad') return m.what[stop];
  const [kind, number = ''] = stop.split('/');
  const words = kind === 'paid' ? m.paid : m.person;
  const name = office.nameOf(number) ?? number;
  return { name: words.name(name), on: words.on(name) };
}
