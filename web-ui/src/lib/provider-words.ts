/** What a provider means by a refusal, and what is in the way to it. */
import { LateWords } from '$lib/late-words.svelte';
import type { providerProblems } from '$messages/provider.en';

export const providerWords = new LateWords<typeof providerProblems>({
  nl: async () => (await import('$messages/provider.nl')).providerProblems,
  fr: async () => (await import('$messages/provider.fr')).providerProblems,
  en: async () => (await import('$messages/provider.en')).providerProblems,
});
