/** The words of conference rooms. */
import { LateWords } from '$lib/late-words.svelte';
import type { Rooms } from '$messages/rooms.en';

export const roomsWords = new LateWords<Rooms>({
  nl: async () => (await import('$messages/rooms.nl')).rooms,
  fr: async () => (await import('$messages/rooms.fr')).rooms,
  en: async () => (await import('$messages/rooms.en')).rooms,
});
