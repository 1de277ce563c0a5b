import type { Refused } from './refused.en';

export const refused: Refused = {
  title: 'Téléphones refusés',
  sentence: 'Qui a demandé les réglages d’un téléphone sans les recevoir, depuis le démarrage du central. Un nouveau téléphone est ici aussi, tant que vous ne le cherchez pas.',
  none: 'Personne n’a été refusé.',
  asked: 'A demandé',
  times: (count) => `${count} fois`,
  last: (when) => `dernière fois le ${when}`,
  more: (number) => `Et ${number} autres.`,
};
