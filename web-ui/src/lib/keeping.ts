/** The words of how long things are kept, of a provider's abuse desk, and of what is done at the end. */
import { LateWords } from '$lib/late-words.svelte';
import type { Keeping } from '$messages/keeping.en';

export const keepingWords = new LateWords<Keeping>({
  nl: async () => (await import('$messages/keeping.nl')).keeping,
  fr: async () => (await import('$messages/keeping.fr')).keeping,
  en: async () => (await import('$messages/keeping.en')).keeping,
});
