/** The rules of use. Its shape is the rule for the other languages. */
export const rules = {
  title: 'How we use the telephones',
  sentence: 'Read this once, and once more when it changes. Calls go on meanwhile, also to 112.',
  usual: `Use the telephones for the work of the office. Short private calls are fine where the office allows them.

Give your password, a code or a PIN to nobody, also not to somebody who says that they work for the provider.

Do not call numbers that cost extra, or countries that you do not need for your work. The office pays for every call, also for those of a thief.

Do not pretend to be somebody else, and do not bother people with calls that they do not want.

Calls to 112 always work. Never call 112 to try it out.

The box writes down who called whom, when and for how long, to check bills and to stop thieves. It does not listen.

You see calls that nobody made? Tell at once whoever looks after the telephones.`,
  accept: 'I have read this and keep to it',
  setting: {
    title: 'Rules of use',
    sentence: 'Everybody reads this at the first log-in, and again when you change it. The log says who accepted it and when.',
    text: 'Your own text',
    textHint: 'Leave it empty for the usual text, which is there in three languages.',
    usual: 'The usual text',
    refused: {
      'rules-too-long': 'This text is too long. It has at most 4,000 characters.',
      'rules-malformed': 'This text has a character that a page cannot show. Type it again.',
    },
  },
};

export type Rules = typeof rules;
