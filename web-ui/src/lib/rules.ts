/** The words of the rules of use. */
import { LateWords } from '$lib/late-words.svelte';
import type { Rules } from '$messages/rules.en';

export const rulesWords = new LateWords<Rules>({
  nl: async () => (await import('$messages/rules.nl')).rules,
  fr: async () => (await import('$messages/rules.fr')).rules,
  en: async () => (await import('$messages/rules.en')).rules,
});
