/** The words of the office's own numbers that cost the caller extra. */
import { LateWords } from '$lib/late-words.svelte';
import type { Premium } from '$messages/premium.en';

export const premiumWords = new LateWords<Premium>({
  nl: async () => (await import('$messages/premium.nl')).premium,
  fr: async () => (await import('$messages/premium.fr')).premium,
  en: async () => (await import('$messages/premium.en')).premium,
});
