/** The words of where a phone stands. */
import { LateWords } from '$lib/late-words.svelte';
import type { Room } from '$messages/room.en';

export const roomWords = new LateWords<Room>({
  nl: async () => (await import('$messages/room.nl')).room,
  fr: async () => (await import('$messages/room.fr')).room,
  en: async () => (await import('$messages/room.en')).room,
});
