import type { Forwards } from './forward.en';

export const forward: Forwards = {
  title: 'Gesprekken doorsturen',
  sentence: 'Wie deze persoon belt, komt dan ergens anders uit. Een gesprek naar buiten telt als een gesprek van deze persoon.',
  rings: 'De eigen telefoons gaan over.',
  goes: (to) => `Alle gesprekken gaan naar ${to}.`,
  notAllowed: (to) => `Gesprekken zouden naar ${to} gaan. Deze persoon mag daar niet meer heen bellen, dus gaan de eigen telefoons over.`,
  ofPhone: 'Een toestel kan ook zelf doorsturen. Dat staat hier niet, en stopt alleen op het toestel.',
  to: 'Nummer',
  toHint: 'Een collega, of een nummer buiten, bijvoorbeeld 06 12345678.',
  send: 'Gesprekken daarheen sturen',
  back: 'De eigen telefoons weer laten overgaan',
  refused: {
    'forward-not-allowed': 'Daarheen kan niet worden doorgestuurd. Het moet een nummer zijn dat deze persoon mag bellen, nooit een dat extra kost, en in het buitenland alleen wat voor deze persoon is opengezet.',
    'forward-to-self': 'Dit is het eigen nummer. Kies een ander.',
    'unknown-person': 'Niemand heeft dit interne nummer.',
    'number-unreadable': 'Dit herkennen we niet als telefoonnummer.',
    'number-internal': 'Niemand heeft dit interne nummer.',
    'number-reserved-emergency': 'Dit is een alarmnummer. Daarheen kan niet worden doorgestuurd.',
  },
};
