/** The words of what a provider's contract allows, and of callers who are refused. Its shape is the rule for the other languages. */
export const contract = {
  more: 'More',
  account: 'Calls at once',
  accountHint: 'As many as your contract allows, in and out together. When they are all taken, who wants to call outside hears the busy tone.',
  number: 'Calls at once with one number',
  numberHint: 'Leave it empty when the contract says nothing about it.',
  numbersAs: 'How the provider wants numbers written',
  usual: (example: string) => `${example} (usual)`,
  refused: { 'channels-out-of-range': 'This is not a number of calls. Choose 1 to 1,000.' },
  blocked: {
    title: 'Blocked callers',
    sentence: 'Who calls from one of these numbers hears that the call is refused. Nobody in the office hears it ring.',
    numbers: 'Numbers',
    numbersHint: 'One on each line, for example 020 123 45 67.',
    withheld: 'Also callers who do not show their number',
    withheldHint: 'Doctors and hospitals sometimes do not show theirs.',
    refused: {
      'number-internal': 'There is an internal number in the list. Only callers from outside can be blocked.',
      'number-reserved-emergency': 'There is an emergency number in the list. It cannot be blocked.',
      'callers-too-many': 'This list is too long. Remove numbers that do not call any more.',
    },
  },
};

export type Contract = typeof contract;
