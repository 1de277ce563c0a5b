/** How long things are kept, and whom a provider has for abuse. Its shape is the rule for the other languages. */
export const keeping = {
  retention: {
    title: 'How long we keep things',
    sentence: 'Everything stays on the box. What is older than this goes by itself. When you choose less, nothing goes for a day.',
    calls_days: 'Calls',
    incidents_days: 'What was tried against the office',
    log_days: 'The log of who did what',
    messages_days: 'Messages in mailboxes',
    days: (least: number, most: number) => `In days, ${String(least)} to ${String(most)}.`,
    refused: { 'days-out-of-range': 'This is too short or too long: the law and a dispute about a bill set these bounds.' },
  },
  secrets: {
    title: 'Does somebody have a password of your telephones?',
    sentence: 'Then change them all at once. Each telephone fetches its new password by itself, and a telephone that is off does so when it is back. Old passwords stop working now.',
    byHand: 'Did you type a password into a telephone or app yourself? Then give it a new one afterwards, under People.',
    button: 'Change all passwords',
    done: (phones: number) => `Done. Telephones that fetch a new password: ${String(phones)}.`,
    report: 'The report for the provider',
  },
  wipe: {
    title: 'Does the box go out of the office?',
    sentence: 'Everything that it keeps is destroyed: the office, passwords, calls, messages and logs. After that it starts as new. Nobody can take this back.',
    help: 'All calls end, also one to 112. Until somebody sets the box up again, nobody in the office can call with these telephones, not even 112.',
    phrase: (name: string) => `Type the name of the office: ${name}`,
    button: 'Destroy everything',
    done: 'It begins now. In a minute the box waits to be set up.',
    known: { 'phrase-wrong': 'This is not the name of the office.' },
  },
  abuse: {
    title: 'Where the provider wants reports of abuse',
    sentence: 'It stands in every report that you download of what was tried. You find it in the terms of the provider.',
    name: 'Name',
    address: 'E-mail address, for example abuse@provider.nl',
    days: 'Answers within how many days?',
    refused: {
      'mail-address-malformed': 'This is no e-mail address. It looks like abuse@provider.nl.',
      'days-out-of-range': 'This is not a number of days. Choose 1 to 90.',
      'name-empty': 'The name is empty. Fill in a name.',
    },
  },
};

export type Keeping = typeof keeping;
