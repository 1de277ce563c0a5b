/** The words of calls on paper: the download, and the bill. */
import { LateWords } from '$lib/late-words.svelte';
import type { Paper } from '$messages/paper.en';

export const paperWords = new LateWords<Paper>({
  nl: async () => (await import('$messages/paper.nl')).paper,
  fr: async () => (await import('$messages/paper.fr')).paper,
  en: async () => (await import('$messages/paper.en')).paper,
});
