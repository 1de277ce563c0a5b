import type { Forwards } from './forward.en';

export const forward: Forwards = {
  title: 'Renvoyer les appels',
  sentence: 'Qui appelle cette personne arrive alors ailleurs. Un appel vers l’extérieur compte comme un appel de cette personne.',
  rings: 'Ses propres téléphones sonnent.',
  goes: (to) => `Tous les appels vont vers ${to}.`,
  notAllowed: (to) => `Les appels devaient aller vers ${to}. Cette personne ne peut plus y appeler, donc ses propres téléphones sonnent.`,
  ofPhone: 'Un téléphone peut aussi renvoyer lui-même. Cela ne se voit pas ici et ne s’arrête qu’au téléphone.',
  to: 'Numéro',
  toHint: 'Un collègue, ou un numéro extérieur, par exemple 0470 12 34 56.',
  send: 'Renvoyer les appels là',
  back: 'Laisser de nouveau sonner ses téléphones',
  refused: {
    'forward-not-allowed': 'Les appels ne peuvent pas y être renvoyés. Il faut un numéro que cette personne peut appeler, jamais un numéro surtaxé, et à l’étranger seulement ce qui a été ouvert pour cette personne.',
    'forward-to-self': 'C’est son propre numéro. Choisissez-en un autre.',
    'unknown-person': 'Personne n’a ce numéro interne.',
    'number-unreadable': 'Nous ne reconnaissons pas ce numéro de téléphone.',
    'number-internal': 'Personne n’a ce numéro interne.',
    'number-reserved-emergency': 'C’est un numéro d’urgence. Les appels ne peuvent pas y être renvoyés.',
  },
};
