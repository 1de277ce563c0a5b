import type { Usage } from './usage.en';

export const usage: Usage = {
  known: {
    'use-far-above-usual': {
      title: (person, euros) => `${person} appelle aujourd’hui pour bien plus que d’habitude\u00a0: déjà plus de ${euros} euros.`,
      why: 'C’est plus de trois fois ce que coûte une journée de cette personne. Demandez si c’est normal. Les limites des coûts restent.',
      fix: '',
    },
    'use-very-long': {
      title: (person, hours) => `${person} appelle depuis plus de ${hours} heures aujourd’hui.`,
      why: 'Un téléphone n’a peut-être pas été raccroché. Demandez si c’est normal.',
      fix: '',
    },
    'use-one-number': {
      title: (person, number) => `Les appels surtaxés de ${person} vont surtout à un seul numéro\u00a0: ${number}.`,
      why: 'Il s’agit de cette semaine ou de la précédente. Pour vous plaindre de la facture, l’opérateur vous donne souvent huit jours.',
      fix: '',
    },
    'use-flash-calls': {
      title: (person) => `Nous avons arrêté des appels de ${person}\u00a0: trop d’appels très courts.`,
      why: 'Un téléphone ou un programme appelait et raccrochait aussitôt, de nombreuses fois par minute. Après une heure, ces appels marchent de nouveau.',
      fix: '',
    },
  },
};
