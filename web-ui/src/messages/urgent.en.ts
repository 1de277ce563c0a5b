/** The words of emergency calls. Its shape is the rule for the other languages. */
export const urgent = {
  title: 'Emergency calls',
  sentence: 'Where help must come. We tell it to a provider that can pass it on. Always say it yourself too.',
  limits: 'Without power or internet these phones cannot call 112. Keep a mobile phone at hand.',
  street: 'Street',
  houseNumber: 'House number',
  postcode: 'Postcode',
  place: 'Town',
  testNumber: 'Number for a daily test',
  testNumberHint: 'Once a day the box lets this number ring for a moment, to know that calls get out. For example a mobile phone that you own.',
  tests: {
    title: 'Does a call for help get out?',
    state: {
      none: 'Not tested yet',
      planned: 'Not tested yet',
      'under-way': 'Is being tested',
      proven: 'Tested: it works',
      failed: 'The last test did not get through',
    },
    proven: (when: string) => `Last proven on ${when}.`,
    never: 'Not proven yet.',
    now: 'Test now',
    hint: 'A test rings your test number for a moment, never 112. At most once in five minutes.',
    asked: 'The test is on its way.',
  },
  refused: {
    'test-number-missing': 'There is no test number yet. Fill it in and save it first.',
    'address-incomplete': 'This part of the address is missing. Fill it in, or leave the whole address empty.',
    'house-number-malformed': 'A house number begins with a digit. It looks like 12 or 12-3.',
    'postcode-malformed': 'This is not a postcode. It looks like 1012 JM, or like 1000 in Belgium.',
    'name-too-long': 'This is too long. Use at most 64 characters.',
    'name-malformed': 'This has a character that we cannot pass on. Type it again.',
    'number-internal': 'This is an internal number. Choose a number outside the office.',
    'number-reserved-emergency': 'This is an emergency number. Never test there. Choose another number.',
  },
};

export type Urgent = typeof urgent;
