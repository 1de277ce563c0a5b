/** The words of a refused call that is allowed once. Its shape is the rule for the other languages. */
export const once = {
  allow: 'Allow this call once',
  hint: 'Limits on money and stops hold. It ends after this one call, or by itself.',
  done: (person: string, number: string, minutes: number) => `${person} may now call ${number} once, within ${String(minutes)} minutes.`,
  known: {
    'not-allowable': 'This call cannot be allowed once. Let them call again, and allow that call.',
    'never-allowed-once': 'Numbers that cost extra or are blocked are not allowed this way.',
  },
};

export type Once = typeof once;
