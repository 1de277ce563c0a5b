/** The words of a person's voicemail. */
import { LateWords } from '$lib/late-words.svelte';
import type { voicemail } from '$messages/voicemail.en';

export const voicemailWords = new LateWords<typeof voicemail>({
  nl: async () => (await import('$messages/voicemail.nl')).voicemail,
  fr: async () => (await import('$messages/voicemail.fr')).voicemail,
  en: async () => (await import('$messages/voicemail.en')).voicemail,
});

/** What can be chosen, in seconds; and what somebody else chose, if it is none of these. */
export function waits(chosen: number | null | undefined): number[] {
  const usual = [10, 15, 20, 30, 45, 60];
  return typeof chosen !== 'number' || usual.includes(chosen) ? usual : [...usual, chosen].sort((one, two) => one - two);
}
