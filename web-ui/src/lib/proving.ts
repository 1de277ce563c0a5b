/** What shows once more who asks: the password, and a code of who has a second step; or a passkey, which is both. */
import type { PasskeySigned, ProofAgain } from '$lib/api/types';

/** As a form holds it. */
export interface Proving {
  password: string;
  code: string;
  passkey: PasskeySigned | undefined;
}

export const nothingProven = (): Proving => ({ password: '', code: '', passkey: undefined });

/** As the box takes it. */
export const proofOf = ({ password, code, passkey }: Proving): ProofAgain =>
  passkey === undefined ? { password, code } : { password, code, passkey };
