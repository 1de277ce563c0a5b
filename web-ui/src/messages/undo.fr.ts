import type { Undo } from './undo.en';

export const undo: Undo = {
  title: 'Annuler un changement',
  sentence: 'Qui reçoit un e-mail apprend ces changements, parce qu’un voleur les ferait aussi. Vous pouvez les annuler pendant un jour.',
  none: 'Il n’y a rien à annuler maintenant.',
  until: (when: string) => `jusqu’au ${when}`,
  what: {
    alerts: () => 'qui reçoit un e-mail',
    administration: () => 'd’où les propriétaires et les installateurs peuvent se connecter',
    trunk: (name: string) => `l’opérateur ${name}`,
    permit: (number: string) => `ce que ${number} peut appeler`,
    rights: (name: string) => `ce que le groupe ${name} peut appeler`,
    user: (name: string) => `${name} peut se connecter, ou faire plus qu’avant`,
    cap: () => 'une limite de dépenses plus haute',
    retention: () => 'une durée de conservation plus courte',
    opening: () => 'quand le bureau est ouvert',
    'support-numbers': () => 'des numéros d’assistance que chacun peut toujours appeler',
    place: () => 'le pays du bureau, ou son fuseau horaire',
    pin: () => 'le code PIN des téléphones',
    prices: (name: string) => `les prix de l’opérateur ${name}`,
  },
  back: 'Annuler le changement',
  backLabel: (what: string) => `Annuler le changement : ${what}`,
  code: 'Ou le code du courrier',
  codeHint: 'Il a 20 lettres et chiffres et est valable un jour.',
  byCode: 'Annuler avec le code',
  done: 'C’est de nouveau comme avant.',
  refused: {
    'changed-since': 'Cela a encore changé depuis. Corrigez-le à la main, ou revenez en arrière dans la liste des changements.',
    'fits-no-more': 'Cela ne va pas avec ce qui a changé depuis. Revenez en arrière dans la liste des changements.',
    'mailed-code-wrong': 'Ce n’est pas un code envoyé depuis un jour.',
  },
};
