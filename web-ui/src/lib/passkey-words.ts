/** Passkeys. */
import { LateWords } from '$lib/late-words.svelte';
import type { Passkeys } from '$messages/passkey.en';

export const passkeyWords = new LateWords<Passkeys>({
  nl: async () => (await import('$messages/passkey.nl')).passkey,
  fr: async () => (await import('$messages/passkey.fr')).passkey,
  en: async () => (await import('$messages/passkey.en')).passkey,
});
