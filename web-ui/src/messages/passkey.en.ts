/** The words of passkeys. Its shape is the rule for the other languages. */
export const passkey = {
  title: 'Passkeys',
  sentence: 'Log in with your finger, your face or the PIN of your device. Nobody can guess it, and it does not work on a false page.',
  none: 'You have no passkey yet.',
  add: 'Add a passkey',
  addSentence: 'First your password. Then your device asks for your finger, your face or its PIN.',
  name: 'What do you call it?',
  nameHint: 'For example: my phone.',
  next: 'Next',
  since: (at: string, moment: string) => `Works at ${at}, since ${moment}`,
  used: (moment: string) => `last used ${moment}`,
  remove: 'Remove',
  removeLabel: (name: string) => `Remove: ${name}`,
  removeTitle: (name: string) => `Remove ${name}?`,
  removeSentence: 'It opens nothing any more. Remove it on your device too.',
  elsewhere: (address: string) =>
    `Passkeys do not work at this address. Open ${address} instead. Does that page not open, or does the browser warn? Ask your installer.`,
  noBrowser: 'This browser cannot use passkeys. Use a newer one.',
  logIn: 'Log in with a passkey',
  use: 'Use your passkey',
  known: {
    'passkey-wrong': 'This passkey opens nothing here. Was it removed?',
    'passkey-late': 'That took too long. Try again.',
    'passkey-copied': 'There may be a copy of this passkey. Remove it and make a new one.',
    'passkey-unverified': 'Your device did not look who you are. Use one with a finger, a face or a PIN.',
    'passkey-unfit': 'The box cannot check passkeys of this device. Use another device.',
    'passkey-known': 'This device has a passkey of yours already.',
    'passkey-elsewhere': 'Passkeys do not work at this address.',
    'passkey-stopped': 'Your browser stopped. Try again. Does it warn about this page? Then no passkey works here: ask your installer.',
    'too-many-passkeys': 'You have 16 already. Remove one first.',
    'user-name-wrong': 'A name has 1 to 40 characters.',
  },
};

export type Passkeys = typeof passkey;
