/** Users, sessions and one's own password. */
import { LateWords } from '$lib/late-words.svelte';
import type { Access } from '$messages/access.en';

export const accessWords = new LateWords<Access>({
  nl: async () => (await import('$messages/access.nl')).access,
  fr: async () => (await import('$messages/access.fr')).access,
  en: async () => (await import('$messages/access.en')).access,
});
