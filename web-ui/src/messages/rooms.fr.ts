import { counter } from '$lib/plural';
import type { Rooms } from './rooms.en';

const count = counter('fr-BE');

export const rooms: Rooms = {
  title: 'Salles de réunion',
  sentence: 'Un numéro que plusieurs personnes appellent pour parler ensemble.',
  none: 'Pas encore de salle de réunion.',
  add: 'Ajouter une salle de réunion',
  edit: 'Modifier',
  editTitle: (name) => `Modifier ${name}`,
  remove: (name) => `Supprimer ${name}`,
  inIt: (n) => count(n, { one: '# personne dans la salle', other: '# personnes dans la salle' }),
  empty: 'Il n’y a personne',
  pin: 'Code',
  pinHint: '4 à 10 chiffres. Tous ceux qui appellent le numéro doivent le taper. Laissez vide pour ne pas avoir de code.',
  pinKept: 'Il y a un code. Tapez-en un autre pour le changer.',
  noPin: 'Sans code',
  outside: 'Des personnes de l’extérieur peuvent participer',
  outsideHint: 'Seulement avec le code, et seulement si un collègue est dans la salle. Choisissez sous « Numéros » quel numéro mène ici.',
  refused: {
    'pin-malformed': 'Un code a 4 à 10 chiffres.',
    'pin-weak': 'Ce code est facile à deviner. Choisissez-en un autre.',
    'pin-needed': 'Les personnes de l’extérieur ont besoin d’un code. Tapez-en un.',
    'room-closed': 'Un numéro de l’extérieur mène encore à cette salle. Faites-le d’abord sonner chez quelqu’un d’autre.',
  },
};
