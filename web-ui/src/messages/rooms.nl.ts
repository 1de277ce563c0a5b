import { counter } from '$lib/plural';
import type { Rooms } from './rooms.en';

const count = counter('nl-NL');

export const rooms: Rooms = {
  title: 'Vergaderruimtes',
  sentence: 'Eén nummer dat meerdere mensen bellen om samen te praten.',
  none: 'Nog geen vergaderruimtes.',
  add: 'Vergaderruimte toevoegen',
  edit: 'Wijzigen',
  editTitle: (name) => `${name} wijzigen`,
  remove: (name) => `${name} verwijderen`,
  inIt: (n) => count(n, { one: 'nu # persoon erin', other: 'nu # mensen erin' }),
  empty: 'Er is niemand in',
  pin: 'Pincode',
  pinHint: '4 tot 10 cijfers. Iedereen die het nummer belt, moet de code intoetsen. Laat leeg voor geen pincode.',
  pinKept: 'Er is een pincode. Typ een andere om die te wijzigen.',
  noPin: 'Zonder pincode',
  outside: 'Mensen van buiten mogen meedoen',
  outsideHint: 'Alleen met de pincode, en alleen als er een collega in de ruimte is. Kies bij “Nummers” welk nummer hier uitkomt.',
  refused: {
    'pin-malformed': 'Een pincode is 4 tot 10 cijfers.',
    'pin-weak': 'Deze pincode is makkelijk te raden. Kies een andere.',
    'pin-needed': 'Mensen van buiten hebben een pincode nodig. Typ er een.',
    'room-closed': 'Een nummer van buiten komt nog in deze ruimte uit. Laat het eerst bij iemand anders overgaan.',
  },
};
