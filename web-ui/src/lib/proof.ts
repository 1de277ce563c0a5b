/** The question for a proof that it is the user who asks, where the box wants one. */
import { mount, unmount } from 'svelte';
import { LateWords } from '$lib/late-words.svelte';
import type { ProofWords } from '$messages/proof.en';
import ProofDialog from '../parts/ProofDialog.svelte';

export const proofWords = new LateWords<ProofWords>({
  nl: async () => (await import('$messages/proof.nl')).proof,
  fr: async () => (await import('$messages/proof.fr')).proof,
  en: async () => (await import('$messages/proof.en')).proof,
});

/** Asks for the password in a dialog of its own, above whatever is open. Undefined when it was closed. */
export function proofOfUser(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (proof?: string) => {
      void unmount(dialog);
      resolve(proof);
    };
    const dialog = mount(ProofDialog, { target: document.body, props: { words: proofWords, done } });
  });
}
