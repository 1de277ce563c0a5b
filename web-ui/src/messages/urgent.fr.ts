import type { urgent as rule } from './urgent.en';

export const urgent: typeof rule = {
  title: 'Appels d’urgence',
  sentence: 'Où les secours doivent venir. Nous le disons à un opérateur qui peut le transmettre. Dites-le toujours vous-même aussi.',
  limits: 'Sans courant ou sans internet, ces téléphones ne peuvent pas appeler le 112. Gardez un téléphone mobile à portée de main.',
  street: 'Rue',
  houseNumber: 'Numéro de maison',
  postcode: 'Code postal',
  place: 'Localité',
  testNumber: 'Numéro pour un test quotidien',
  testNumberHint: 'Une fois par jour, le central fait sonner ce numéro un instant, pour savoir que les appels sortent. Par exemple un mobile qui vous appartient.',
  tests: {
    title: 'Un appel aux secours passe-t-il ?',
    state: {
      none: 'Pas encore testé',
      planned: 'Pas encore testé',
      'under-way': 'Test en cours',
      proven: 'Testé : cela marche',
      failed: 'Le dernier test n’est pas passé',
    },
    proven: (when: string) => `Prouvé pour la dernière fois le ${when}.`,
    never: 'Pas encore prouvé.',
    now: 'Tester maintenant',
    hint: 'Un test fait sonner un instant votre numéro de test, jamais le 112. Au plus une fois en cinq minutes.',
    asked: 'Le test est en route.',
  },
  refused: {
    'test-number-missing': 'Il n’y a pas encore de numéro de test. Indiquez-le et enregistrez-le d’abord.',
    'address-incomplete': 'Cette partie de l’adresse manque. Remplissez-la, ou laissez toute l’adresse vide.',
    'house-number-malformed': 'Un numéro de maison commence par un chiffre. Il ressemble à 12 ou 12-3.',
    'postcode-malformed': 'Ce n’est pas un code postal. Il ressemble à 1000, ou à 1012\u00a0JM aux Pays-Bas.',
    'name-too-long': 'C’est trop long. Utilisez 64 caractères au plus.',
    'name-malformed': 'Il y a un caractère que nous ne pouvons pas transmettre. Tapez-le à nouveau.',
    'number-internal': 'C’est un numéro interne. Choisissez un numéro hors du bureau.',
    'number-reserved-emergency': 'C’est un numéro d’urgence. N’y faites jamais de test. Choisissez un autre numéro.',
  },
};
