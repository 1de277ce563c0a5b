/** What people use: far more than usual, for very long, to one number, or very short calls by the dozen. */
import { LateWords } from '$lib/late-words.svelte';
import type { Usage } from '$messages/usage.en';

export const usageWords = new LateWords<Usage>({
  nl: async () => (await import('$messages/usage.nl')).usage,
  fr: async () => (await import('$messages/usage.fr')).usage,
  en: async () => (await import('$messages/usage.en')).usage,
});
