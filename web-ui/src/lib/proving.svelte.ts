/** What shows once more who asks: the password, and a code of who has a second step; or a passkey, which is both. */
import type { PasskeySigned, ProofAgain } from '$lib/api/types';

export class Proving {
  password = $state('');
  code = $state('');
  passkey = $state.raw<PasskeySigned>();

  /** As the box takes it. */
  get proof(): ProofAgain {
    const { password, code, passkey } = this;
    return passkey === undefined ? { password, code } : { password, code, passkey };
  }

  /** It was good once. */
  forget(): void {
    this.password = this.code = '';
    this.passkey = undefined;
  }
}
