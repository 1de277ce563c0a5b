/** Who asked for phones' settings in vain. Loaded with the settings. */
export interface Refused {
  title: string;
  sentence: string;
  none: string;
  asked: string;
  times: (count: string) => string;
  last: (when: string) => string;
  more: (number: string) => string;
}

export const refused: Refused = {
  title: 'Refused phones',
  sentence: 'Who asked for the settings of a phone and got none, since the box started. A new phone is here too, until you look for it.',
  none: 'Nobody was refused.',
  asked: 'Asked for',
  times: (count) => `${count} times`,
  last: (when) => `last at ${when}`,
  more: (number) => `And ${number} others.`,
};
