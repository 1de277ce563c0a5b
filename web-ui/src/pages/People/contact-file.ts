/** The words of contacts that come out of a file. */
import { LateWords } from '$lib/late-words.svelte';
import type { ContactFile } from '$messages/contact-file.en';

export const contactFileWords = new LateWords<ContactFile>({
  nl: async () => (await import('$messages/contact-file.nl')).contactFile,
  fr: async () => (await import('$messages/contact-file.fr')).contactFile,
  en: async () => (await import('$messages/contact-file.en')).contactFile,
});
