/** The words of a provider's price list. */
import { LateWords } from '$lib/late-words.svelte';
import type { Prices } from '$messages/prices.en';

export const pricesWords = new LateWords<Prices>({
  nl: async () => (await import('$messages/prices.nl')).prices,
  fr: async () => (await import('$messages/prices.fr')).prices,
  en: async () => (await import('$messages/prices.en')).prices,
});

/** A day of the box, `2026-11-30`, as the office writes it. */
export function written(day: string): string {
  return `${day.slice(8)}/${day.slice(5, 7)}/${day.slice(0, 4)}`;
}
