/** The question for a proof that it is the user who asks, where the box wants one: imported where such things are asked. */
import { mount, unmount } from 'svelte';
import { sendAgain } from '$lib/api/again';
import { whenForbidden } from '$lib/api/client';
import { LateWords } from '$lib/late-words.svelte';
import type { ProofWords } from '$messages/proof.en';
import ProofDialog from '../parts/ProofDialog.svelte';

export const proofWords = new LateWords<ProofWords>({
  nl: async () => (await import('$messages/proof.nl')).proof,
  fr: async () => (await import('$messages/proof.fr')).proof,
  en: async () => (await import('$messages/proof.en')).proof,
});

/** What the box wants proven is asked again with the proof; without one its refusal stands, as any other does. */
async function withProof(refused: Response, again: Request): Promise<Response> {
  if (!(await refused.clone().text()).includes('"proof-needed"')) return refused;
  const proof = await proofOfUser();
  if (proof === undefined) return refused;
  again.headers.set('X-Centrale-Proof', proof);
  return sendAgain(again);
}

/** Asks for the password in a dialog of its own, above whatever is open. Undefined when it was closed. */
function proofOfUser(): Promise<string | undefined> {
  return new Promise((resolve) => {
    const done = (proof?: string) => {
      void unmount(dialog);
      resolve(proof);
    };
    const dialog = mount(ProofDialog, { target: document.body, props: { words: proofWords, done } });
  });
}

whenForbidden(withProof);
