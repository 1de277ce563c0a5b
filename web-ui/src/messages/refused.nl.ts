import type { Refused } from './refused.en';

export const refused: Refused = {
  title: 'Geweigerde toestellen',
  sentence: 'Wie om de instellingen van een toestel vroeg en ze niet kreeg, sinds de centrale startte. Ook een nieuw toestel staat hier, tot je het zoekt.',
  none: 'Niemand is geweigerd.',
  asked: 'Vroeg om',
  times: (count) => `${count} keer`,
  last: (when) => `voor het laatst op ${when}`,
  more: (number) => `En nog ${number} andere.`,
};
