/** What was tried against the office. Loaded with its page. */
export interface Incidents {
  title: string;
  sentence: string;
  back: string;
  stopped: (attempts: string) => string;
  quiet: string;
  inside: (count: string) => string;
  none: string;
  about: Record<'address' | 'network' | 'account' | 'user' | 'provider', (subject: string) => string> & { many: string };
  span: (first: string, last: string) => string;
  times: (count: number) => string;
  goingOn: string;
  over: string;
  reached: Record<'nothing' | 'apart' | 'page' | 'at-provider' | 'suspected', string>;
  gotIn: (when: string, who: string, from: string) => string;
  afterwards: string;
  tried: string;
  done: string;
  words: Record<
    | 'scanner'
    | 'enumeration'
    | 'inventory'
    | 'guessing'
    | 'spraying'
    | 'distributed'
    | 'toll-fraud'
    | 'unallocated'
    | 'flood'
    | 'page-guessing'
    | 'page-distributed'
    | 'pin-guessing'
    | 'page-entered'
    | 'settings-guessing'
    | 'phone-played'
    | 'honey-path'
    | 'blocked'
    | 'out-of-reach'
    | 'premium-barred'
    | 'destination-blocked'
    | 'spent'
    | 'bait'
    | 'room-pin'
    | 'device-unknown'
    | 'trunk-elsewhere'
    | 'router-posed'
    | 'phones-posed'
    | 'scan-outside'
    | 'asked'
    | 'unjudged'
    | 'unanswered'
    | 'refused'
    | 'kept-apart'
    | 'delayed'
    | 'turned-away'
    | 'let-in'
    | 'told'
    | 'suspected'
    | 'secrets-changed'
    | 'other',
    string
  >;
  blockedNow: string;
  blockedUntil: (when: string) => string;
  from: (names: string) => string;
  accounts: (names: string) => string;
  targets: (names: string) => string;
  devices: (names: string) => string;
  more: (names: string) => string;
  advice: { title: string; nothing: string; office: string; posed: string; person: string; user: string; apart: string; page: string; provider: string; suspected: string };
  deadlines: {
    title: string;
    sentence: string;
    provider: string;
    authority: string;
    damage: string;
    claim: string;
    until: (when: string) => string;
    late: (when: string) => string;
    doneAt: (when: string) => string;
    button: string;
    buttonLabel: (what: string) => string;
  };
  report: { title: string; sentence: string; pdf: string; data: string };
}

export const incidents: Incidents = {
  title: 'What was tried',
  sentence: 'Each line is one story: who tried what, what the box did, and whether anybody got in.',
  back: 'Back to the settings',
  stopped: (attempts) => `Stopped in the last 24 hours: ${attempts} attempts.`,
  quiet: 'Nobody tried to break in during the last 24 hours.',
  inside: (count) => `Somebody got in somewhere: ${count}. These stories come first.`,
  none: 'Nothing was tried yet. When somebody tries to break in, or calls what is not allowed, the story appears here.',
  about: {
    address: (subject) => `A device in the office, ${subject}`,
    network: (subject) => `Somebody on the internet, at ${subject}`,
    account: (subject) => `With the number ${subject}`,
    user: (subject) => `Against the user ${subject} of this page`,
    provider: (subject) => `With your password at ${subject}`,
    many: 'Very many at the same time',
  },
  span: (first, last) => (first === last ? `${first}` : `${first} to ${last}`),
  times: (count) => (count === 1 ? '1 attempt' : `${String(count)} attempts`),
  goingOn: 'Going on',
  over: 'Over',
  reached: {
    nothing: 'Did not get in',
    apart: 'Has a right password',
    page: 'Logged in to this page',
    'at-provider': 'Has the password at the provider',
    suspected: 'Somebody suspects a break-in',
  },
  gotIn: (when, who, from) => `Got in first: ${when}${who === '' ? '' : `, as ${who}`}${from === '' ? '' : `, from ${from}`}.`,
  afterwards: 'What was done on the page after that',
  tried: 'What was tried',
  done: 'What the box did',
  words: {
    scanner: 'Looked for telephone systems with a known break-in tool',
    enumeration: 'Looked for numbers that exist',
    inventory: 'Tried out what the box can do',
    guessing: 'Guessed passwords',
    spraying: 'Tried the same passwords on many numbers',
    distributed: 'Guessed the password of one number from many places',
    'toll-fraud': 'Called outside without a password',
    unallocated: 'Calls numbers that are nobody’s',
    flood: 'Sent far more than any phone does',
    'page-guessing': 'Guessed passwords of this page',
    'pin-guessing': 'Typed wrong PINs on a phone',
    'page-distributed': 'Guessed the password of one user of this page from many places',
    'page-entered': 'Logged in to this page after guessing',
    'settings-guessing': 'Asked for the settings of phones that are not its own',
    'phone-played': 'Passed itself off as another phone',
    'honey-path': 'Looked for pages that other telephone systems have',
    blocked: 'Kept out: nothing is heard from there',
    'out-of-reach': 'Called farther than this person may',
    'premium-barred': 'Called a number that costs extra, which this person may not',
    'destination-blocked': 'Called a country or number that is blocked',
    spent: 'Called although a limit on costs was reached',
    bait: 'Called back who rang once as bait',
    'room-pin': 'Typed a wrong PIN of a meeting room',
    'device-unknown': 'A device that we do not know used the right password',
    'trunk-elsewhere': 'Somebody else used the password at the provider',
    'router-posed': 'Posed as your router',
    'phones-posed': 'Posed as several phones',
    'scan-outside': 'Looked for telephone systems elsewhere',
    asked: 'Asked for the password, as of everybody',
    unjudged: 'Did not look at the password',
    unanswered: 'Gave no answer',
    refused: 'Refused the call',
    'kept-apart': 'Kept the device apart: colleagues and 112 only',
    'delayed': 'Made it wait longer each time',
    'turned-away': 'Gave nothing',
    'let-in': 'Let it in: the password was right',
    told: 'Warned you: the box cannot stop this itself',
    suspected: 'Somebody thought that another one knows a password',
    'secrets-changed': 'Gave every phone a new password',
    other: 'Something else',
  },
  blockedNow: 'Came again while it was kept out',
  blockedUntil: (when) => `Kept out until ${when}`,
  from: (names) => `From ${names}`,
  accounts: (names) => `Numbers it named: ${names}`,
  targets: (names) => `Called or asked for: ${names}`,
  devices: (names) => `Calls itself: ${names}`,
  more: (names) => `${names} and others`,
  advice: {
    suspected: 'You think that somebody knew a password. Download the report and send it to the provider: the address is in it.',
    title: 'What to do',
    nothing: 'You need not do anything. The box goes on by itself.',
    office: 'Find this device in the office. A program on it may be looking for passwords: take it off the network.',
    posed: 'Find the device with this address in the office, and unplug it. If you do not find it, call your installer today.',
    person: 'Ask this person. If it was nobody of yours, give the phone a new password.',
    user: 'Browsers in which this user logged in before still work, and so does the office. You need not do anything.',
    apart: 'Look at the start page: is the device yours? If not, give the phone a new password there.',
    page: 'Was it one of you? If not: change this user’s password now, and end the sessions, with the settings.',
    provider: 'Ask the provider for a new password now, and fill it in with the settings.',
  },
  deadlines: {
    title: 'What is due',
    sentence: 'Somebody got in somewhere. Your contract and the law then give you this time.',
    provider: 'Tell the provider, with the report below',
    authority: 'Report it to the authority for personal data, if such data were seen',
    damage: 'Report damage to the provider',
    claim: 'Last day to claim damage',
    until: (when) => `until ${when}`,
    late: (when) => `The time is over since ${when}`,
    doneAt: (when) => `Done on ${when}`,
    button: 'It is done',
    buttonLabel: (what) => `It is done: ${what}`,
  },
  report: {
    title: 'Hand it on',
    sentence: 'The report has what a provider asks for: the service, the times, the evidence and what was done.',
    pdf: 'Report to print',
    data: 'Report as data',
  },
};
