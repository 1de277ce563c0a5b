import type { Kept } from './kept.en';

export const kept: Kept = {
  title: 'Protection',
  sentence: 'Le central n’écoute plus, pendant un temps, ceux qui essaient d’entrer de force. Les postes en service ne sont jamais bloqués.',
  stopped: (attempts) => `Arrêtées ces dernières 24 heures : ${attempts} tentatives. Aucune n’a réussi.`,
  quiet: 'Personne n’a essayé d’entrer de force ces dernières 24 heures.',
  none: 'Personne n’est bloqué en ce moment.',
  only: (address) => `${address}, un seul programme`,
  reasons: {
    scanner: 'A cherché des centraux avec un outil d’intrusion connu.',
    enumeration: 'A demandé des numéros que personne n’a.',
    inventory: 'A essayé ce que le central sait faire.',
    guessing: 'A deviné des mots de passe.',
    spraying: 'A essayé les mêmes mots de passe sur beaucoup de numéros.',
    'toll-fraud': 'A essayé d’appeler l’extérieur sans mot de passe.',
    flood: 'A envoyé bien plus qu’un poste ne le fait jamais.',
    other: 'A agi comme quelqu’un qui veut entrer de force.',
  },
  until: (when) => `jusqu’à ${when}`,
  lift: 'Laisser revenir',
  liftLabel: (address) => `Laisser revenir : ${address}`,
  liftTitle: (address) => `Laisser revenir ${address} ?`,
  liftSentence: 'Faites-le si c’est quelqu’un de chez vous. Qui continue comme avant sera bloqué à nouveau.',
  liftButton: 'Laisser revenir',
  lifted: 'Cette adresse peut revenir.',
  more: (number) => `Et ${number} autres.`,
  stories: 'Ce qui a été essayé, et par qui',
};
