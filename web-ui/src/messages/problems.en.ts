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
    'phone-keys-in-clear': {
      title: (subject: string) => `${subject} cannot call: it encrypts sound, but not the rest.`,
      why: 'Its keys could be read on the network, so the box does not take them. Set it to TLS, or switch SRTP off.',
      fix: '',
    },
    'port-refused': {
      title: 'Some calls may be silent.',
      why: 'Another program on this machine holds a port that the box needs for sound.',
      fix: '',
    },
    'dhcp-not-allowed': {
      title: 'The box cannot tell phones where it is by DHCP.',
      why: 'It is switched on, but the program may not use that port (it lacks the right CAP_NET_BIND_SERVICE).',
      fix: '',
    },
    'dhcp-port-taken': {
      title: 'The box cannot tell phones where it is by DHCP.',
      why: 'Another DHCP server runs on this machine. Write the box’s address there, or stop it.',
      fix: '',
    },
    'no-provider': {
      title: 'You cannot call outside yet.',
      why: 'Colleagues can call each other. Connect a provider to call everyone else.',
      fix: 'Connect your provider',
    },
    'device-token-misused': {
      title: (subject: string) => `${subject} was locked, because something else used its access.`,
      why: 'Reset the phone to factory settings and take it into use again.',
      fix: 'See the phones',
    },
    'device-certificate-differs': {
      title: (subject: string) => `Something pretends to be ${subject}. It got nothing.`,
      why: 'Look for an unknown device on the network.',
      fix: '',
    },
    'device-user-agent-differs': {
      title: (subject: string) => `Something asked for the phone book of ${subject} under another name. It got nothing.`,
      why: 'Look for an unknown device on the network.',
      fix: '',
    },
    'device-neighbour-differs': {
      title: (subject: string) => `Something pretends to be ${subject}. It got nothing.`,
      why: 'Look for an unknown device on the network.',
      fix: '',
    },
    'device-asks-again': {
      title: (subject: string) => `${subject} asks to be set up again.`,
      why: 'Was it reset? Then take it into use again. If not, look who did this.',
      fix: 'See the phones',
    },
    'device-plain-http': {
      title: (subject: string) => `The settings of ${subject} travel over the network unprotected.`,
      why: 'Somebody allowed this, because the phone is too old for better. Replace it when you can.',
      fix: 'See the phones',
    },
    'device-moved': {
      title: (subject: string) => `${subject} asks from another place than before.`,
      why: 'Did you move it? Then use it again. If not, look who did this.',
      fix: 'See the phones',
    },
    'provisioning-guessing': {
      title: 'A device on the network guesses at the settings of phones.',
      why: 'It got nothing. Find out which device it is.',
      fix: '',
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
    'number-malformed': 'An internal number has digits only. Type three digits.',
    'number-reserved': 'This is a public short number. Choose another one.',
    'name-too-long': 'This name is too long. Use at most 64 characters.',
    'name-malformed': 'This name has a character that phones cannot show. Type it again.',
    'server-malformed': 'This is not an address. It looks like sip.provider.nl.',
    'username-malformed': 'The user name is empty or has a space in it. Copy it from the provider’s letter.',
    'password-empty': 'The password is empty. Fill it in.',
    'password-needed': 'The provider asks for a password. Fill it in.',
    'password-too-long': 'This password is too long. Use at most 128 characters.',
    'password-malformed': 'This password has a character that the provider cannot use. Type it again.',
    'area-code-unknown': 'This is not an area code of the country. It looks like 020.',
    'time-zone-malformed': 'We do not know this time zone. Choose another one.',
    'last-member': 'This is the only person in a group. Add someone else to the group first.',
    'members-empty': 'Nobody would ring. Choose at least one person.',
    'still-rings': 'A number from outside still rings here. Let it ring someone else first.',
    'outside-number-taken': 'A number is in the list twice. Remove one.',
    'unknown-destination': 'This person or group is not there any more. Choose another one.',
    'unknown-device': 'This phone was not heard any more. Restart it and try again.',
    'handsets-too-many': 'This base takes no more handsets. Give this person another phone.',
    'unknown-model': 'We do not know this model yet. You can configure it by hand with a password from the People page.',
    'not-found': 'This is not there any more. Reload the page.',
    'changed-meanwhile': 'Someone else changed the office at the same moment. Look again, and save once more.',
    'disk-full': 'The disk of the box is full, so nothing was saved. Show this to your installer.',
    fault: 'The box could not do this. Try again; its log tells your installer why.',
  },
  unknown: 'The box did not accept this.',
};
