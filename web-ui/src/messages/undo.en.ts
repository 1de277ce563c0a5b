/** The words of taking a change back. Its shape is the rule for the other languages. */
export const undo = {
  title: 'Take a change back',
  sentence: 'Whoever is told by e-mail hears of these changes, because a thief would make them too. For a day they can be taken back.',
  none: 'Nothing can be taken back now.',
  until: (when: string) => `until ${when}`,
  what: {
    alerts: () => 'who is told by e-mail',
    administration: () => 'from where owners and installers may log in',
    trunk: (name: string) => `the provider ${name}`,
    permit: (number: string) => `what ${number} may call`,
    forward: (number: string) => `where calls for ${number} go`,
    rights: (name: string) => `what the group ${name} may call`,
    user: (name: string) => `${name} may log in, or do more than before`,
    code: (name: string) => `a code with which another password is chosen for ${name}; taking it back gives ${name} the password of before`,
    cap: () => 'a higher limit on money',
    retention: () => 'a shorter time for which things are kept',
    opening: () => 'when the office is open',
    'support-numbers': () => 'numbers at ‘Help with the telephone’, which everybody may always call',
    scanners: () => 'a device that may look for weak places of the box',
    place: () => 'the country of the office, or its time zone',
    pin: () => 'the PIN for phones',
    prices: (name: string) => `the prices of provider ${name}`,
  },
  back: 'Take back',
  backLabel: (what: string) => `Take back: ${what}`,
  code: 'Or the code from the mail',
  codeHint: 'It has 20 letters and digits and works for a day.',
  byCode: 'Take back with the code',
  done: 'It is as it was before.',
  refused: {
    'changed-since': 'It was changed once more since. Put it right by hand, or go back to an earlier state in the list of changes.',
    'fits-no-more': 'It does not go with what was changed since. Go back to an earlier state in the list of changes.',
    'mailed-code-wrong': 'This is no code that was mailed in the last day.',
  },
};

export type Undo = typeof undo;
