/** The words of what a provider's contract allows, and of callers who are refused. Its shape is the rule for the other languages. */
export const contract = {
  more: 'More',
  account: 'Calls at once',
  accountHint: 'As many as your contract allows, in and out together. When they are all taken, who wants to call outside hears the busy tone.',
  number: 'Calls at once with one number',
  numberHint: 'Leave it empty when the contract says nothing about it.',
  numbersAs: 'How the provider wants numbers written',
  usual: (example: string) => `${example} (usual)`,
  gateway: 'This is a box with SIM cards',
  gatewayHint: 'Then we call over it only what its price list has a price for, because nobody else says what a SIM card costs.',
  keys: 'Tell keys apart',
  keysHint: 'Choose this when a voice menu does not react to your keys: each key then goes as a message. Your provider says whether it is needed.',
  refused: { 'channels-out-of-range': 'This is not a number of calls. Choose 1 to 1,000.' },
  preset: {
    which: 'Which provider?',
    other: 'Another one: I fill it in myself',
    read: (day: string) => `This is how the provider published it on ${day}. Check it against your letter.`,
    untried: 'Nobody has called over this provider with our box yet.',
    account: 'Write your own part in place of {account}. It is in the portal of the provider.',
    noServer: 'The provider tells each customer the address. It is in your letter or in the portal.',
    source: 'Where the provider says so',
  },
  line: {
    title: 'Internet line',
    sentence: 'With this we keep calls clear: a call for which there is no room on the line hears the busy tone, and the others stay good. Calls to 112 always go.',
    speed: 'How fast is your internet line (upload, Mbit/s)?',
    hint: 'You find it on the bill of your internet line, or with a speed test. Leave it empty when you do not know.',
    unknown: 'Nobody told us, so we do not limit calls by the line.',
    calls: (calls: number) => calls === 1 ? 'That is one call at once.' : `That is ${calls} calls at once.`,
    tooFew: (allowed: number) => `Your contract allows ${allowed}: ask for a faster line, or for fewer calls.`,
    table: {
      caption: (allowed: number) => `What calls take of the line. Your contract allows ${allowed} at once.`,
      calls: 'Calls at once',
      mbit: 'Mbit/s, up and down',
    },
    refused: { 'line-out-of-range': 'This is not a speed that we know. It looks like 20 or 1.5, and is 0.1 to 10,000.' },
  },
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
