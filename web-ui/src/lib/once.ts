/** The words of a refused call that is allowed once. */
import { LateWords } from '$lib/late-words.svelte';
import type { Once } from '$messages/once.en';

export const onceWords = new LateWords<Once>({
  nl: async () => (await import('$messages/once.nl')).once,
  fr: async () => (await import('$messages/once.fr')).once,
  en: async () => (await import('$messages/once.en')).once,
});
