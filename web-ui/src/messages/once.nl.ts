import type { Once } from './once.en';

export const once: Once = {
  allow: 'Dit gesprek één keer toestaan',
  hint: 'Grenzen aan de kosten blijven gelden. Terugdraaien kan bij Instellingen, Wat er veranderde.',
  done: (person: string, number: string, minutes: number) => `${person} mag ${number} nu één keer bellen, binnen ${String(minutes)} minuten.`,
  known: {
    'not-allowable': 'Dit gesprek kan niet één keer worden toegestaan.',
    'allowed-already': 'Dit nummer mag al gebeld worden.',
    'allowed-too-many': 'Er zijn al veel gesprekken toegestaan die nog niemand voerde. Wacht even.',
  },
};
