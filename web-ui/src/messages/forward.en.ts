/** The words of where a person's calls go instead. Its shape is the rule for the other languages. */
export const forward = {
  title: 'Send calls elsewhere',
  sentence: 'Who calls this person then rings somewhere else. A call to outside counts as a call of this person.',
  rings: 'Calls ring on the own phones.',
  goes: (to: string) => `All calls go to ${to}.`,
  notAllowed: (to: string) => `Calls were to go to ${to}. This person may not call there any more, so they ring on the own phones.`,
  ofPhone: 'A phone can send calls elsewhere by itself too. That is not shown here, and ends at the phone alone.',
  to: 'Number',
  toHint: 'A colleague, or a number outside, for example 06 12345678.',
  send: 'Send calls there',
  back: 'Let the own phones ring again',
  refused: {
    'forward-not-allowed': 'Calls cannot be sent there. It must be a number that this person may call, never one that costs extra, and abroad only what was opened for this person.',
    'forward-to-self': 'This is the own number. Choose another one.',
    'unknown-person': 'Nobody has this internal number.',
    'number-unreadable': 'We do not recognise this as a telephone number.',
    'number-internal': 'Nobody has this internal number.',
    'number-reserved-emergency': 'This is an emergency number. Calls cannot be sent there.',
  },
};

export type Forwards = typeof forward;
