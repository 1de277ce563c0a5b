import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { addressFor, hindranceAt, NAME, toBytes, toText } from '$lib/passkey';

const authority = readFileSync(new URL('../../../daemon/centraled/src/authority.rs', import.meta.url), 'utf8');

test('the address for passkeys has the name that is in the certificate of the box', () => {
  expect(/const NAME: &str = "(.+)";/.exec(authority)?.[1]).toBe(NAME);
  expect(addressFor('8443')).toBe('https://centrale.local:8443/');
  expect(addressFor('')).toBe('https://centrale.local/');
});

test.each(['192.168.1.2', '[fd00::1]', 'phones.example.net'])('no passkey works at %s, whatever the browser', (hostname) => {
  expect(hindranceAt(hostname, { PublicKeyCredential: {} })).toBe('address');
});

test.each(['centrale.local', 'localhost'])('passkeys work at %s in a browser that has them', (hostname) => {
  expect(hindranceAt(hostname, { PublicKeyCredential: {} })).toBeUndefined();
  expect(hindranceAt(hostname, {})).toBe('browser');
});

test('bytes go to the box and come back as they were', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (const length of [0, 1, 2, 3, 255, 256]) {
    const text = toText(bytes.slice(0, length).buffer);
    expect(text).toMatch(/^[\w-]*$/);
    expect(toBytes(text)).toEqual(bytes.slice(0, length));
  }
});
