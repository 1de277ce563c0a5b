/** E-mail to whoever must know. */
import { LateWords } from '$lib/late-words.svelte';
import type { Alerts } from '$messages/alerts.en';

export const alertWords = new LateWords<Alerts>({
  nl: async () => (await import('$messages/alerts.nl')).alerts,
  fr: async () => (await import('$messages/alerts.fr')).alerts,
  en: async () => (await import('$messages/alerts.en')).alerts,
});
