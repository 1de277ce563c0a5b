/** The words of the office's own numbers that cost the caller extra. Its shape is the rule for the other languages. */
import { counter } from '$lib/plural';

const count = counter('en-GB');

export const premium = {
  title: 'Your own 090x numbers',
  sentence: 'Numbers of yours that cost the caller extra. We keep what you need when somebody asks about a bill.',
  none: 'No such numbers.',
  add: 'Add a number',
  edit: 'Change',
  active: 'Calls are answered',
  asleep: 'Calls are refused',
  price: (euros: string, perCall: boolean) => (perCall ? `${euros} a call` : `${euros} a minute`),
  waiting: (n: number) => count(n, { one: '# complaint to answer', other: '# complaints to answer' }),
  number: 'Number that people call',
  line: 'Number at which these calls arrive here',
  lineHint: 'One of your numbers with the provider, for example 020 765 43 21.',
  owner: 'Who holds the number',
  cents: 'Price in cents',
  per: 'Paid',
  perMinute: 'by the minute',
  perCall: 'by the call',
  announced: 'I called the number today and heard this price before the call cost anything',
  announcedHint: 'Your provider plays this message. You answer for it together with your provider: without it we refuse the calls.',
  heard: (day: string, who: string) => `Heard last on ${day} by ${who}.`,
  isActive: 'Answer calls to this number',
  remove: (number: string) => `Remove ${number}`,
  evidence: 'Download the evidence',
  evidenceHint: 'Every call with its time and price, what callers were told, and every complaint.',
  complaints: {
    title: (number: string) => `Complaints about ${number}`,
    open: 'Complaints',
    sentence: 'The provider may charge 25 euro for each complaint, and pays nothing out when it is not answered in five days.',
    none: 'No complaints.',
    due: (day: string) => `Answer it before the end of ${day}`,
    answered: (who: string, answer: string) => `${who} answered: ${answer}`,
    received: 'Received on',
    caller: 'Number that called, when you know it',
    text: 'What the complaint says',
    add: 'Write the complaint down',
    answer: 'Your answer',
    save: 'Write the answer down',
  },
  refused: {
    'number-not-premium': 'This is no number that costs the caller extra. It begins with 090.',
    'price-not-announced': 'Nobody heard this price yet. Call the number, listen, and tick the box above.',
    'price-out-of-range': 'A price is 1 to 10,000 cents.',
    'price-one': 'Fill in the price in cents.',
    'line-taken': 'Another 090x number arrives at this number already.',
    'line-rings': 'This number rings somebody. While calls are not answered we would refuse all of them. Let it ring nowhere first.',
    'number-not-ours': 'Your provider has no such number. Look under “Provider”.',
    'number-not-e164': 'This is no telephone number.',
    'text-malformed': 'Write at least a word, and at most 2,000 letters.',
    'day-unknown': 'Choose the day.',
  } as Record<string, string>,
};

export type Premium = typeof premium;
