/** The words of passwords in other hands. Its shape is the rule for the other languages. */
export const trust = {
  known: {
    'phone-unknown': {
      title: (subject: string, detail: string) => `A device that we do not know uses the password of ${subject}: ${detail}.`,
      why: 'It can call colleagues and 112, and be called. It cannot call anyone else until you say that it is yours.',
      fix: '',
    },
    'office-under-attack': {
      title: 'Somebody guesses your passwords from many places at once.',
      why: 'Phones that work keep working, and 112 does. Until it has been quiet for an hour, no new phone outside the office can log in.',
      fix: '',
    },
    'trunk-locked-out': {
      title: (who: string, _detail: string, elsewhere: boolean) => `${who} no longer takes the password that worked until now. ${elsewhere ? 'Calls to outside go over another provider.' : 'Calls to outside do not work.'}`,
      why: 'Somebody changed it there, or the provider has blocked the account. Call the provider.',
      fix: 'Check the details',
    },
    'trunk-elsewhere': {
      title: (who: string) => `Somebody else uses your password at ${who}.`,
      why: 'The provider knows another place with it, besides this box. Ask the provider for a new password, and fill it in here.',
      fix: 'Check the details',
    },
    'page-entered': {
      title: (subject: string, detail: string) => `${subject} logged in to this page from ${detail}, after many wrong passwords.`,
      why: 'If it was nobody of yours, change this user’s password now. The story says what was done next.',
      fix: 'See the story',
    },
    'attempts-got-in': {
      title: (_subject: string, told: string) => {
        const [, attempts, inside] = /^(\d+) (\d+)$/.exec(told) ?? [];
        return `Break-in attempts of the last 24 hours: ${attempts ?? ''} stopped. Somebody got in: ${inside ?? ''}.`;
      },
      why: 'The stories say who got in, what that could be used for, and what to do.',
      fix: 'See the stories',
    },
    'incident-due': {
      title: 'Somebody got in somewhere, and not everybody who must know was told.',
      why: 'The contract and the law give you little time for that. The story says what is due, and has the report ready.',
      fix: 'See the story',
    },
  },
  ours: 'It is ours',
  throwOut: 'Throw it out: new password',
  thrownOut: 'The phone gets a new password. The old one does not work any more.',
};

export type Trust = typeof trust;
