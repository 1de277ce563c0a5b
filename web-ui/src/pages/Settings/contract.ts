/** The words of what a provider's contract allows, and of callers who are refused. */
import { LateWords } from '$lib/late-words.svelte';
import type { Contract } from '$messages/contract.en';

export const contractWords = new LateWords<Contract>({
  nl: async () => (await import('$messages/contract.nl')).contract,
  fr: async () => (await import('$messages/contract.fr')).contract,
  en: async () => (await import('$messages/contract.en')).contract,
});
