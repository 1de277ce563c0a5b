/** The words of calls that somebody stopped. Its shape is the rule for the other languages. */
export const stops = {
  title: 'Stop calls',
  sentence: 'Does somebody misuse your phones? Stop calls here at once, also those that are going on. 112, helplines and colleagues can always be called.',
  what: {
    outgoing: { name: 'Calls to outside', on: 'Calls to outside are stopped.', hint: 'Nobody can call outside. You can still be called.' },
    abroad: { name: 'Calls abroad', on: 'Calls abroad are stopped.', hint: 'Calls in your own country go on.' },
  },
  misused: 'Is this phone misused?',
  person: {
    sentence: 'Then let this person call only colleagues and 112 for now. Nobody from outside can call this person either.',
    button: (name: string) => `Only colleagues for ${name}`,
    name: (name: string) => `${name}: only colleagues`,
    on: (name: string) => `${name} can only call colleagues.`,
  },
  paid: {
    sentence: 'Or stop only what costs more: calls abroad, and numbers that cost extra. The box does so by itself when calls look like misuse.',
    button: (name: string) => `No calls that cost more for ${name}`,
    name: (name: string) => `${name}: calls that cost more`,
    on: (name: string) => `${name} cannot call abroad, or numbers that cost extra.`,
  },
  always: '112 works.',
  since: (when: string) => `Since ${when}.`,
  see: 'See',
  press: 'Stop now',
  release: 'Let calls go again',
  releaseTitle: (what: string) => `${what}: let them go again?`,
  releaseSentence: 'Do this when the misuse is over. Your password shows that it is you.',
  phone: {
    title: 'From a phone in the office',
    sentence: 'Are you not at this page, or does it make you wait? Dial a code on a phone in the office. You hear a beep: type the PIN, then the hash key. Rising notes mean that it is done.',
    codes: {
      '*92': 'Stop calls to outside',
      '*93': 'Stop calls abroad',
      '*90': 'Let these calls go again',
      '*91': 'Let us log in here again at once',
    },
    set: 'There is a PIN: the codes work.',
    unset: 'There is no PIN yet: the codes do nothing.',
    pin: 'New PIN',
    hint: 'Six to ten digits, such as nobody would guess. Give it only to who may stop calls.',
    remove: 'Take the PIN away',
    known: {
      'pin-malformed': 'A PIN has six to ten digits.',
      'pin-weak': 'This PIN is too easy to guess: take no row, such as 123456, and repeat nothing.',
    } as Record<string, string>,
  },
  known: { 'no-such-stop': 'This cannot be stopped here. Reload the page.' },
};

export type Stops = typeof stops;
