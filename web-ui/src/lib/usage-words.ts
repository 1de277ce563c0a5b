/** What people use, calls that look like a machine’s or a stranger’s, lines of lifts and alarms, malicious calls, and
 * machines in the office that pose as others. */
import { LateWords } from '$lib/late-words.svelte';
import type { Usage } from '$messages/usage.en';

export const usageWords = new LateWords<Usage>({
  nl: async () => (await import('$messages/usage.nl')).usage,
  fr: async () => (await import('$messages/usage.fr')).usage,
  en: async () => (await import('$messages/usage.en')).usage,
});
