/** The words of the question for the password. Its shape is the rule for the other languages. */
export const proof = {
  title: 'Is it really you?',
  sentence: 'Somebody who sits at your computer could do this too. That is why we ask for your own password first.',
  password: 'Your own password',
  button: 'Go on',
  known: { 'wrong-password': 'This is not your password.' },
};

export type ProofWords = typeof proof;
