import type { Once } from './once.en';

export const once: Once = {
  allow: 'Dit gesprek één keer toestaan',
  hint: 'Grenzen aan de kosten en stops blijven gelden. Het eindigt na dit ene gesprek, of vanzelf.',
  done: (person: string, number: string, minutes: number) => `${person} mag ${number} nu één keer bellen, binnen ${String(minutes)} minuten.`,
  known: {
    'not-allowable': 'Dit gesprek kan niet één keer worden toegestaan. Laat opnieuw bellen en sta dat gesprek toe.',
    'never-allowed-once': 'Nummers die extra kosten of geblokkeerd zijn, worden niet zo toegestaan.',
  },
};
