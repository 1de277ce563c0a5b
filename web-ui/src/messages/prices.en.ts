import { counter } from '$lib/plural';

const count = counter('en-GB');

/** The words of a provider's price list. Its shape is the rule for the other languages. */
export const prices = {
  title: 'Prices of your provider',
  sentence: 'Give the box the price list of your provider, and it reckons each call at its own price. Without a list it takes the highest usual price.',
  cheaper: 'Can a call go out over two providers that you like equally well? Then the cheaper one is asked first, when both have a list with a price for the number. If your installer chose a provider for a kind of numbers, that comes before the price. Calls to 112 never go by price.',
  none: 'There is no price list yet.',
  choose: 'Choose a price list',
  replace: 'Choose a newer list',
  remove: 'Take the list away',
  removeTitle: (name: string) => `Take away the price list of ${name}?`,
  removeSentence: 'We then reckon each call at the highest usual price again, so a limit is reached sooner.',
  rows: (n: number) => count(n, { one: '# price in euro', other: '# prices in euro' }),
  vatIncluded: 'VAT was in it',
  vatAdded: 'we added 21 % VAT',
  valid: (from: string, until: string) => `Counts from ${from} to ${until}.`,
  notYet: 'This list does not count yet. Until then we take the highest usual price.',
  old: 'This list is too old. We take the highest usual price until there is a newer one.',
  soon: (days: number) =>
    count(days, { one: 'It counts for # day more. Choose a newer list soon.', other: 'It counts for # days more. Choose a newer list soon.' }),
  classes: {
    national: 'Fixed numbers',
    mobile: 'Mobile numbers',
    'shared-cost': 'Numbers that cost a little more',
    'premium-per-minute': 'Numbers that cost extra by the minute',
    'premium-per-call': 'Numbers that cost extra by the call',
    abroad: 'Abroad',
  },
  priced: { all: 'With a price', some: 'Some with a price', none: 'Without a price' },
  countries: (n: number) => count(n, { one: '# country with a price', other: '# countries with a price' }),
  unread: (names: string) => `We did not need these columns: ${names}.`,
  dialog: (name: string) => `Price list of ${name}`,
  fileHint: 'A CSV file with a line for each destination. The first line names the columns, such as prefix and price per minute. You find the list on your provider’s website.',
  from: 'These prices count from',
  fromHint: 'Did you fetch the list today? Then choose today. A list counts for 45 days.',
  vat: 'VAT',
  vats: { excluded: 'The prices are without VAT', included: 'VAT is in the prices' },
  reading: 'The box reads the list…',
  refused: {
    'deck-wrong': 'We took nothing from this list. Mend these lines and choose it again.',
    'deck-too-old': 'This is too long ago. Fetch the newest list from your provider.',
    'deck-too-many': 'The box has no room for one more list. Take another one away first.',
    'day-unknown': 'Choose a day.',
    'too-large': 'This file is too large. Leave out what the office never calls.',
  },
  line: (n: number, what: string) => `Line ${String(n)}: ${what}`,
  faults: {
    'too-large': 'The file is too large. Leave out what the office never calls.',
    'too-many-rows': 'There are too many lines. Leave out what the office never calls.',
    'not-text': 'This is not a CSV file. Save the sheet as CSV.',
    empty: 'There are no prices in this file.',
    'no-column': 'A column is missing. Prefix and price per minute must both be there, with these names in the first line.',
    'two-columns': 'Two columns say the same. Leave one of them out.',
    'other-vat': 'The name of the column says something else about VAT than you chose.',
    fields: 'This line has more or fewer parts than the first one.',
    quote: 'There is a quotation mark in the middle of a part.',
    'open-quote': 'A quotation mark is not closed.',
    prefix: 'This is not the beginning of a number. It looks like +31 or 0900.',
    amount: 'This is not a price. It looks like 0.0121.',
    'too-dear': 'This is more than 100 euro. Are these cents? Then name the column “price per minute (cent)”.',
    step: 'Write second or minute here.',
    twice: 'This beginning of a number was there before. Leave one of them out.',
  },
};

export type Prices = typeof prices;
