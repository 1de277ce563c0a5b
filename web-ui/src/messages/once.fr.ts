import type { Once } from './once.en';

export const once: Once = {
  allow: 'Autoriser cet appel une fois',
  hint: 'Les limites de dépenses et les arrêts restent. Cela prend fin après cet appel, ou tout seul.',
  done: (person: string, number: string, minutes: number) => `${person} peut maintenant appeler ${number} une fois, dans les ${String(minutes)} minutes.`,
  known: {
    'not-allowable': 'Cet appel ne peut pas être autorisé une fois. Faites rappeler, et autorisez cet appel-là.',
    'never-allowed-once': 'Les numéros surtaxés ou bloqués ne s’autorisent pas ainsi.',
  },
};
