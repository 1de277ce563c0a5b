/** Who is kept out. Loaded with the settings. */
export interface Kept {
  title: string;
  sentence: string;
  stopped: (attempts: string) => string;
  quiet: string;
  none: string;
  only: (address: string) => string;
  reasons: Record<
    | 'scanner'
    | 'enumeration'
    | 'inventory'
    | 'guessing'
    | 'spraying'
    | 'toll-fraud'
    | 'page-guessing'
    | 'settings-guessing'
    | 'phone-played'
    | 'honey-path'
    | 'flood'
    | 'other',
    string
  >;
  until: (when: string) => string;
  lift: string;
  liftLabel: (address: string) => string;
  liftTitle: (address: string) => string;
  liftSentence: string;
  liftButton: string;
  lifted: string;
  more: (number: string) => string;
  stories: string;
}

export const kept: Kept = {
  title: 'Protection',
  sentence: 'Who tries to break in is not heard for a while. Phones that are in use are never kept out.',
  stopped: (attempts) => `Stopped in the last 24 hours: ${attempts} attempts.`,
  quiet: 'Nobody tried to break in during the last 24 hours.',
  none: 'Nobody is kept out now.',
  only: (address) => `${address}, one program there`,
  reasons: {
    scanner: 'Looked for telephone systems with a known break-in tool.',
    enumeration: 'Asked for numbers that nobody has.',
    inventory: 'Tried out what the box can do.',
    guessing: 'Guessed passwords.',
    spraying: 'Tried the same passwords on many numbers.',
    'toll-fraud': 'Tried to call outside without a password.',
    'page-guessing': 'Guessed passwords of this page.',
    'settings-guessing': 'Asked for the settings of phones that are not its own.',
    'phone-played': 'Passed itself off as a phone of the office.',
    'honey-path': 'Looked for pages that other telephone systems have.',
    flood: 'Sent far more than any phone does.',
    other: 'Behaved like somebody who wants to break in.',
  },
  until: (when) => `until ${when}`,
  lift: 'Let in again',
  liftLabel: (address) => `Let in again: ${address}`,
  liftTitle: (address) => `Let ${address} in again?`,
  liftSentence: 'Do this when it is somebody of yours. Whoever goes on as before is kept out again.',
  liftButton: 'Let in again',
  lifted: 'It is let in again.',
  more: (number) => `And ${number} others.`,
  stories: 'What was tried, and by whom',
};
