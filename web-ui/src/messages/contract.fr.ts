import type { Contract } from './contract.en';

export const contract: Contract = {
  more: 'Plus',
  account: 'Appels en même temps',
  accountHint: 'Autant que votre contrat en permet, entrants et sortants ensemble. Quand ils sont tous pris, qui veut appeler à l’extérieur entend la tonalité d’occupation.',
  number: 'Appels en même temps avec un seul numéro',
  numberHint: 'Laissez vide si le contrat n’en dit rien.',
  numbersAs: 'Comment l’opérateur veut que les numéros soient écrits',
  usual: (example) => `${example} (habituel)`,
  gateway: 'C’est un boîtier avec des cartes SIM',
  gatewayHint: 'Nous n’appelons alors par là que ce dont la liste de prix donne le prix, car personne d’autre ne dit ce que coûte une carte SIM.',
  keys: 'Signaler les touches à part',
  keysHint: 'Choisissez ceci si un menu vocal ne réagit pas à vos touches\u00a0: chaque touche part alors comme un message (SIP INFO). Votre opérateur dit si c’est nécessaire.',
  refused: { 'channels-out-of-range': 'Ce n’est pas un nombre d’appels. Choisissez de 1 à 1\u00a0000.' },
  line: {
    title: 'Ligne internet',
    sentence: 'Ainsi les appels restent clairs\u00a0: s’il n’y a plus de place sur la ligne, qui appelle entend la tonalité d’occupation et les autres appels restent bons. Le 112 passe toujours.',
    speed: 'Quelle est la vitesse de votre ligne internet (envoi, Mbit/s)\u00a0?',
    hint: 'Elle est sur la facture de votre internet, ou mesurez-la avec un test de vitesse. Laissez vide si vous ne savez pas.',
    unknown: 'Personne ne nous l’a dit\u00a0: nous ne limitons donc pas les appels.',
    calls: (calls) => calls === 1 ? 'Cela fait un appel à la fois.' : `Cela fait ${calls} appels en même temps.`,
    refused: { 'line-out-of-range': 'Ce n’est pas une vitesse que nous connaissons. Elle s’écrit 20 ou 1,5, entre 0,1 et 10\u00a0000.' },
  },
  blocked: {
    title: 'Appelants bloqués',
    sentence: 'Qui appelle d’un de ces numéros entend que l’appel est refusé. Rien ne sonne au bureau.',
    numbers: 'Numéros',
    numbersHint: 'Un par ligne, par exemple 02 123 45 67.',
    withheld: 'Aussi ceux qui masquent leur numéro',
    withheldHint: 'Les médecins et les hôpitaux le masquent parfois.',
    refused: {
      'number-internal': 'Il y a un numéro interne dans la liste. Seuls les appelants de l’extérieur peuvent être bloqués.',
      'number-reserved-emergency': 'Il y a un numéro d’urgence dans la liste. Il ne peut pas être bloqué.',
      'callers-too-many': 'Cette liste est trop longue. Retirez les numéros qui n’appellent plus.',
    },
  },
};
