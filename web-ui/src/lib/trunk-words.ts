/** The words of the companies that connect the office to the telephone network. */
import { LateWords } from '$lib/late-words.svelte';
import type { Trunks } from '$messages/trunks.en';

export const trunkWords = new LateWords<Trunks>({
  nl: async () => (await import('$messages/trunks.nl')).trunks,
  fr: async () => (await import('$messages/trunks.fr')).trunks,
  en: async () => (await import('$messages/trunks.en')).trunks,
});
