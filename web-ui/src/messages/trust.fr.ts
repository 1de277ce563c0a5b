import type { Trust } from './trust.en';

export const trust: Trust = {
  known: {
    'phone-unknown': {
      title: (subject, detail) => `Un appareil inconnu utilise le mot de passe de ${subject} (${detail}).`,
      why: 'Il peut appeler les collègues et le 112, et être appelé. Il n’appelle personne d’autre tant que vous ne dites pas qu’il est à vous.',
      fix: '',
    },
    'office-under-attack': {
      title: 'Quelqu’un essaie vos mots de passe depuis beaucoup d’endroits à la fois.',
      why: 'Les téléphones qui marchent continuent, et le 112 aussi. Hors du bureau, un nouvel appareil ne peut se connecter qu’après une heure de calme.',
      fix: '',
    },
    'trunk-locked-out': {
      title: (who: string, _detail: string, elsewhere: boolean) => `${who} ne prend plus le mot de passe qui marchait jusqu’ici. ${elsewhere ? 'Les appels vers l’extérieur passent par un autre opérateur.' : 'Les appels vers l’extérieur ne marchent pas.'}`,
      why: 'Quelqu’un l’a changé là-bas, ou l’opérateur a bloqué le compte. Appelez l’opérateur.',
      fix: 'Vérifier les données',
    },
    'trunk-elsewhere': {
      title: (who: string) => `Quelqu’un d’autre utilise votre mot de passe chez ${who}.`,
      why: 'L’opérateur connaît un autre endroit qui s’en sert, à côté de ce central. Demandez-lui un nouveau mot de passe et mettez-le ici.',
      fix: 'Vérifier les données',
    },
    'page-entered': {
      title: (subject: string, detail: string) => `${subject} s’est connecté à cette page depuis ${detail}, après beaucoup de faux mots de passe.`,
      why: 'Si ce n’était personne de chez vous, changez tout de suite le mot de passe de cet utilisateur. L’histoire dit ce qui a été fait ensuite.',
      fix: 'Voir l’histoire',
    },
    'attempts-got-in': {
      title: (_subject, told) => {
        const [, attempts, inside] = /^(\d+) (\d+)$/.exec(told) ?? [];
        return `Tentatives d’intrusion de ces dernières 24 heures\u00a0: ${attempts ?? ''} arrêtées. Quelqu’un est entré\u00a0: ${inside ?? ''}.`;
      },
      why: 'Les histoires disent qui est entré, ce que cela permettait et ce qu’il faut faire.',
      fix: 'Voir les histoires',
    },
    'incident-due': {
      title: 'Quelqu’un est entré quelque part, et tous ceux qui doivent le savoir ne sont pas avertis.',
      why: 'Le contrat et la loi laissent peu de temps pour cela. L’histoire dit ce qu’il faut faire, et le rapport est prêt.',
      fix: 'Voir l’histoire',
    },
  },
  ours: 'Il est à nous',
  throwOut: 'Dehors, avec un nouveau mot de passe',
  thrownOut: 'Le téléphone reçoit un nouveau mot de passe. L’ancien ne marche plus.',
};
