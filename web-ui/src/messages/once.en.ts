/** The words of a refused call that is allowed once. Its shape is the rule for the other languages. */
export const once = {
  allow: 'Allow this call once',
  hint: 'Limits on money stay. You can take it back under Settings, What changed.',
  done: (person: string, number: string, minutes: number) => `${person} may now call ${number} once, within ${String(minutes)} minutes.`,
  known: {
    'not-allowable': 'This call cannot be allowed once.',
    'allowed-already': 'This number may be called already.',
    'allowed-too-many': 'Many calls are allowed already that nobody made yet. Wait a little.',
  },
};

export type Once = typeof once;
