/** Passwords in other hands: a phone's, or the office's at its provider. */
import { LateWords } from '$lib/late-words.svelte';
import type { Trust } from '$messages/trust.en';

export const trustWords = new LateWords<Trust>({
  nl: async () => (await import('$messages/trust.nl')).trust,
  fr: async () => (await import('$messages/trust.fr')).trust,
  en: async () => (await import('$messages/trust.en')).trust,
});
