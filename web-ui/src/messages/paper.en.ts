import { counter } from '$lib/plural';

const count = counter('en-GB');
const calls = (n: number) => count(n, { one: '# call', other: '# calls' });

/** The words of calls on paper. Its shape is the rule for the other languages. */
export const paper = {
  download: {
    title: 'Download the calls',
    sentence: 'You get one line for each call, for a spreadsheet. Leave the days empty for all calls.',
    from: 'First day',
    to: 'Last day',
    reversed: 'The last day is before the first. Choose a later one.',
    hide: 'Hide numbers and names',
    hideHint: 'Each number becomes another word, the same one in the whole file. Nobody can find the number from it.',
    button: 'Download',
  },
  bill: {
    title: 'Compare with the bill',
    sentence: 'The box wrote down every call itself. Give it the list of calls of your provider, and see what differs.',
    back: 'To all calls',
    file: 'The provider’s list',
    fileHint: 'A CSV file with the number, the date and the length of each call. You find it with the bill on your provider’s website.',
    choose: 'Choose the list',
    private: 'The list stays in the box and is not kept.',
    comparing: 'The box compares…',
    allRight: (n: number) => `Everything agrees: ${calls(n)} on the bill, and the box made each of them.`,
    nothing: 'There is no call on this list that can be compared.',
    differs: (n: number) => count(n, { one: '# difference', other: '# differences' }),
    matched: (n: number) => `${calls(n)} agree.`,
    leftOut: (n: number) =>
      count(n, {
        one: '# line is of a call that came in or cost nothing. It was left out.',
        other: '# lines are of calls that came in or cost nothing. They were left out.',
      }),
    onlyBilled: (n: number) => `On the bill, but not made here: ${calls(n)}`,
    onlyBilledSentence: 'Ask your provider about these. The box has no call to this number at this time.',
    different: (n: number) => `Not the same on the bill: ${calls(n)}`,
    differentSentence: 'Both know these calls, but the length or The price is not the same.',
    onlyHere: (n: number) => `Made here, but not on the bill: ${calls(n)}`,
    onlyHereSentence: 'You pay nothing for these on this bill. They may be on the next one.',
    unread: (n: number) => count(n, { one: '# line could not be read', other: '# lines could not be read' }),
    unreadSentence: 'All other lines were compared.',
    line: (n: number) => `line ${String(n)}`,
    onBill: (what: string) => `Bill: ${what}`,
    onBox: (what: string) => `Box: ${what}`,
    showAll: (n: number) => `Show all ${String(n)}`,
    reasons: {
      torn: 'The line is not complete',
      number: 'The number is missing or not complete',
      start: 'The date or the time is not clear',
      length: 'The length is not clear',
      price: 'The price is not clear',
    },
    proof: (sequence: number) => `Proof: the last record is ${String(sequence)}, with this fingerprint`,
    refused: {
      'bill-no-header':
        'We found no line that names the columns. The list needs columns for the number, the date and the length.',
      'bill-not-text': 'This file is not a CSV file. Open it in a spreadsheet and save it as CSV.',
      'bill-too-long': 'This list is too long. Give us one month at a time.',
      'too-large': 'This file is too large. Give us one month at a time.',
    },
  },
};

/** The words of calls on paper in any language. */
export type Paper = typeof paper;
