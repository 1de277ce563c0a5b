/** The words of where a person's calls go instead. */
import { LateWords } from '$lib/late-words.svelte';
import type { Forwards } from '$messages/forward.en';

export const forwardWords = new LateWords<Forwards>({
  nl: async () => (await import('$messages/forward.nl')).forward,
  fr: async () => (await import('$messages/forward.fr')).forward,
  en: async () => (await import('$messages/forward.en')).forward,
});
