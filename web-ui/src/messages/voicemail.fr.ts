import type { voicemail as rule } from './voicemail.en';

export const voicemail: typeof rule = {
  title: 'Messagerie vocale',
  sentence: 'Qui n’obtient pas de réponse peut laisser un message.',
  on: 'Les appelants peuvent laisser un message',
  onHint:
    'Ils entendent quelques notes et un bip. Composez *97 sur le téléphone pour écouter\u00a0: 1 répète, 2 continue, 7 supprime.',
  after: 'Après combien de temps\u00a0?',
  seconds: (seconds) => `${seconds} secondes`,
  messages: 'Messages',
  none: 'Il n’y a pas de messages.',
  kept: (days) => `Un message reste ${days} jours au plus.`,
  fresh: 'Nouveau',
  play: (who) => `Message de ${who}`,
  remove: 'Supprimer',
  removeTitle: (who) => `Supprimer le message de ${who}\u00a0?`,
  removeSentence: 'Il ne pourra pas être récupéré.',
  removeButton: 'Supprimer le message',
  refused: { 'no-mailbox': 'En dehors des heures d’ouverture, un numéro arrive sur cette messagerie. Choisissez d’abord autre chose pour ce numéro, sous Réglages.' },
};
