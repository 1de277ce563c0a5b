/** Passkeys: whether they can work here, and what box, browser and device say to each other (W3C Web Authentication). */
import { answer, box } from '$lib/api/client';
import { ApiProblem } from '$lib/api/problem';
import type { PasskeyAsked, PasskeySigned, PasskeyWanted, Session } from '$lib/api/types';

/** The name in the box's certificate: an address in numbers has no passkeys. */
export const NAME = 'centrale.local';
/** Names at which the box takes passkeys; the other one is for whoever sits at the box. */
const NAMES = [NAME, 'localhost'];

/** What keeps passkeys from working. */
export type Hindrance = 'address' | 'browser';

/** What keeps passkeys from working at a place in a browser, if anything does. */
export function hindranceAt(hostname: string, browser: object): Hindrance | undefined {
  if (!NAMES.includes(hostname)) return 'address';
  return 'PublicKeyCredential' in browser ? undefined : 'browser';
}

/** The same here. */
export const hindrance = () => hindranceAt(window.location.hostname, window);

/** Where the page is to be opened for passkeys. */
export const addressFor = (port: string) => `https://${NAME}${port === '' ? '' : `:${port}`}/`;

/** How long somebody may look for the device (milliseconds): as long as the box remembers. */
const TIME = 300_000;

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

export function toText(bytes: ArrayBuffer): string {
  const letters = btoa(String.fromCharCode(...new Uint8Array(bytes)));
  return letters.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const named = (known: string[]) => known.map((id) => ({ type: 'public-key' as const, id: toBytes(id) }));

/** What a device did; an `ApiProblem` when the browser or its user did not let it. */
async function done(work: Promise<Credential | null>): Promise<PublicKeyCredential> {
  try {
    return (await work) as PublicKeyCredential;
  } catch (error) {
    const has = error instanceof DOMException && error.name === 'InvalidStateError';
    throw new ApiProblem(has ? 'passkey-known' : 'passkey-stopped', 0, undefined, String(error));
  }
}

async function made(wanted: PasskeyWanted): Promise<PublicKeyCredential> {
  const publicKey: PublicKeyCredentialCreationOptions = {
    challenge: toBytes(wanted.challenge),
    rp: { id: wanted.rp_id, name: 'Centrale' },
    user: { id: toBytes(wanted.user_handle), name: wanted.user_name, displayName: wanted.user_name },
    pubKeyCredParams: wanted.algorithms.map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: named(wanted.known),
    // Found by the device itself at the log-in: nobody types a name.
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' },
    attestation: 'none',
    timeout: TIME,
  };
  return done(navigator.credentials.create({ publicKey }));
}

async function signed(asked: PasskeyAsked): Promise<PasskeySigned> {
  const publicKey: PublicKeyCredentialRequestOptions = {
    challenge: toBytes(asked.challenge),
    rpId: asked.rp_id,
    allowCredentials: named(asked.known),
    userVerification: 'required',
    timeout: TIME,
  };
  const { rawId, response } = await done(navigator.credentials.get({ publicKey }));
  const { clientDataJSON, authenticatorData, signature, userHandle } = response as AuthenticatorAssertionResponse;
  const proof = {
    credential: toText(rawId),
    client_data: toText(clientDataJSON),
    authenticator_data: toText(authenticatorData),
    signature: toText(signature),
  };
  return userHandle === null ? proof : { ...proof, user_handle: toText(userHandle) };
}

/** Has a passkey made and kept. Codes for a day without it, for who has none yet. Throws `ApiProblem`. */
export async function addPasskey(name: string): Promise<string[]> {
  const { response } = await made(await answer(box.POST('/api/v1/session/passkeys/begin')));
  const { clientDataJSON, attestationObject } = response as AuthenticatorAttestationResponse;
  const body = { name, client_data: toText(clientDataJSON), attestation: toText(attestationObject) };
  return (await answer(box.POST('/api/v1/session/passkeys', { body }))).codes;
}

/** Has a passkey show once more who is logged in. Throws `ApiProblem`. */
export async function proveAgain(): Promise<PasskeySigned> {
  return signed(await answer(box.POST('/api/v1/session/passkeys/challenge')));
}

/** Logs in with a passkey. Throws `ApiProblem`. */
export async function logIn(): Promise<Session> {
  const body = await signed(await answer(box.POST('/api/v1/session/passkey/challenge')));
  return answer(box.POST('/api/v1/session/passkey', { body }));
}
