import type { Kept } from './kept.en';

export const kept: Kept = {
  title: 'Bescherming',
  sentence: 'Naar wie probeert in te breken, luistert de centrale een tijd niet meer. Toestellen die in gebruik zijn, blijven altijd werken.',
  stopped: (attempts) => `Tegengehouden in de afgelopen 24 uur: ${attempts} pogingen. Geen enkele is gelukt.`,
  quiet: 'In de afgelopen 24 uur probeerde niemand in te breken.',
  none: 'Op dit moment is niemand buitengesloten.',
  only: (address) => `${address}, één programma daar`,
  reasons: {
    scanner: 'Zocht naar telefooncentrales met een bekend inbraakprogramma.',
    enumeration: 'Vroeg naar nummers die niemand heeft.',
    inventory: 'Probeerde uit wat de centrale kan.',
    guessing: 'Raadde wachtwoorden.',
    spraying: 'Probeerde dezelfde wachtwoorden bij veel nummers.',
    'toll-fraud': 'Probeerde zonder wachtwoord naar buiten te bellen.',
    flood: 'Stuurde veel meer dan een toestel ooit doet.',
    other: 'Gedroeg zich als iemand die wil inbreken.',
  },
  until: (when) => `tot ${when}`,
  lift: 'Weer toelaten',
  liftLabel: (address) => `Weer toelaten: ${address}`,
  liftTitle: (address) => `${address} weer toelaten?`,
  liftSentence: 'Doe dit als het iemand van jullie is. Wie doorgaat zoals eerst, wordt weer buitengesloten.',
  liftButton: 'Weer toelaten',
  lifted: 'Dit adres is weer toegelaten.',
  more: (number) => `En nog ${number} andere.`,
  stories: 'Wat is geprobeerd, en door wie',
};
