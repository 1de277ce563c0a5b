import type { Once } from './once.en';

export const once: Once = {
  allow: 'Autoriser cet appel une fois',
  hint: 'Les limites de dépenses restent. Vous pouvez l’annuler sous Réglages, Ce qui a changé.',
  done: (person: string, number: string, minutes: number) => `${person} peut maintenant appeler ${number} une fois, dans les ${String(minutes)} minutes.`,
  known: {
    'not-allowable': 'Cet appel ne peut pas être autorisé une fois.',
    'allowed-already': 'Ce numéro peut déjà être appelé.',
    'allowed-too-many': 'Beaucoup d’appels sont déjà autorisés, que personne n’a encore faits. Attendez un peu.',
  },
};
