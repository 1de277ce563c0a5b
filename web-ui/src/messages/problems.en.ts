/** What is wrong, in the words of the office. `subject` is a name where one is known. */
export const problems = {
  known: {
    'trunk-refused': {
      title: 'The provider refuses the box. Calls to outside do not work.',
      why: 'The user name or password is probably not right. Compare them with the provider’s letter.',
      fix: 'Check the details',
    },
    'trunk-unreachable': {
      title: 'The provider cannot be reached. Calls to outside do not work.',
      why: 'The internet connection or the provider is down. We keep trying by ourselves.',
      fix: 'See the provider',
    },
    'phone-password-stale': {
      title: (subject: string) => `${subject} still uses an old password.`,
      why: 'It cannot call until it has the new one.',
      fix: 'Send it the new one',
    },
    'port-refused': {
      title: 'Some phones may not reach the box.',
      why: 'Another program on this machine uses an address that the box needs.',
      fix: '',
    },
    'no-provider': {
      title: 'You cannot call outside yet.',
      why: 'Colleagues can call each other. Connect a provider to call everyone else.',
      fix: 'Connect your provider',
    },
  },
  unknown: {
    title: 'Something needs attention.',
    why: 'Show this to your installer.',
  },
  severity: {
    'calls-fail': 'Calls don’t work',
    warning: 'Something will go wrong',
    note: 'Good to know',
  },
  aPhone: 'A phone',
  phoneOf: (name: string) => `${name}’s phone`,
};

/** Why the box did not accept something. */
export const fields = {
  known: {
    'no-connection': 'The box does not answer. Check that this device is on the office network, and try again.',
    'wrong-code': 'This is not the code of the box. Look at the code again and type all of it.',
    'wrong-password': 'This is not the password. Check capital letters and try again.',
    wait: 'That was tried too often. Wait a moment.',
    'password-too-short': 'This password is too short. Use at least 12 characters.',
    'already-set-up': 'The box has been set up already. Log in with the password.',
    'number-taken': 'Someone else has this number. Choose another one.',
    'number-reserved-emergency': 'This number is for emergency services. Choose another one.',
    'number-out-of-range': 'Internal numbers run from 200 to 699. Choose one of those.',
    'name-empty': 'The name is empty. Fill in a name.',
    'window-closed': 'The box is not looking for new phones. Click “Find new phones” and try again.',
    'unknown-person': 'This person is not in the office any more. Choose someone else.',
    'in-use': 'This is still used somewhere else. Change that first.',
  },
  unknown: 'The box did not accept this.',
  empty: (field: string) => `${field} is empty. Fill it in.`,
};
