import { counter } from '$lib/plural';

const count = counter('en-GB');

/** The words of setting up an app. Loaded when somebody does. */
export interface Softphone {
  once: string;
  listening: (name: string) => string;
  trusts: string;
  trustsHint: string;
  show: string;
  steps: string[];
  expires: (minutes: number) => string;
  failed: string;
  address: string;
  qrAlt: string;
}

export const softphone: Softphone = {
  once: 'An app does not know this box yet. So the code sends it the account without encryption, once, and only on your own network. After that everything is encrypted.',
  listening: (name) => `Whoever listens on your network at that moment could call as ${name}. Use a network with a password, and not the one for guests.`,
  trusts: 'The app already trusts this box',
  trustsHint: 'Only when your installer put the certificate of the box into the app. Then everything is encrypted from the start.',
  show: 'Show the code',
  steps: [
    'Install Linphone on the mobile or computer.',
    'Connect it to the network of the office.',
    'Choose “Fetch remote configuration” in Linphone.',
    'Scan this code, or copy the address.',
  ],
  expires: (minutes) => `The code works once, for ${count(minutes, { one: '# minute', other: '# minutes' })}.`,
  failed: 'Does Linphone say that it failed? Then look at the list of phones. If an app appeared there that is not yours, remove it.',
  address: 'Set-up address',
  qrAlt: 'QR code with the set-up address',
};
