/** The words of calls on paper: the download, and the bill. To be made with a component. */
import { PageWords } from '$lib/page-words.svelte';
import type { Paper } from '$messages/paper.en';

export const paperWords = (): PageWords<Paper> =>
  new PageWords<Paper>({
    nl: async () => (await import('$messages/paper.nl')).paper,
    fr: async () => (await import('$messages/paper.fr')).paper,
    en: async () => (await import('$messages/paper.en')).paper,
  });
