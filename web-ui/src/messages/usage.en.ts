/** The words of what people use. Its shape is the rule for the other languages. */
export const usage = {
  known: {
    'use-far-above-usual': {
      title: (person: string, euros: string) => `${person} calls for far more than usual today: more than ${euros} euro so far.`,
      why: 'That is over three times what this person’s days cost. Ask if it is right. The limits on costs still hold.',
      fix: '',
    },
    'use-very-long': {
      title: (person: string, hours: string) => `${person} has been calling for more than ${hours} hours today.`,
      why: 'Perhaps a phone was not hung up. Ask if it is right.',
      fix: '',
    },
    'use-one-number': {
      title: (person: string, number: string) => `Most calls of ${person} that cost extra go to one number: ${number}.`,
      why: 'It is about this week or the last one. If you want to complain about the bill: providers often give you eight days.',
      fix: '',
    },
    'use-flash-calls': {
      title: (person: string) => `We stopped calls of ${person}: too many very short ones.`,
      why: 'A phone or a program called and hung up at once, many times a minute. Such calls work again after an hour.',
      fix: '',
    },
  },
};

export type Usage = typeof usage;
