/** Changes that can be taken back. */
import { LateWords } from '$lib/late-words.svelte';
import type { Undo } from '$messages/undo.en';

export const undoWords = new LateWords<Undo>({
  nl: async () => (await import('$messages/undo.nl')).undo,
  fr: async () => (await import('$messages/undo.fr')).undo,
  en: async () => (await import('$messages/undo.en')).undo,
});
