/** The words of the office's hours and of the numbers of support. */
import { LateWords } from '$lib/late-words.svelte';
import type { OpeningWords } from '$messages/opening.en';

export const openingWords = new LateWords<OpeningWords>({
  nl: async () => (await import('$messages/opening.nl')).opening,
  fr: async () => (await import('$messages/opening.fr')).opening,
  en: async () => (await import('$messages/opening.en')).opening,
});
