import type { Usage } from './usage.en';

export const usage: Usage = {
  known: {
    'use-far-above-usual': {
      title: (person, euros) => `${person} belt vandaag voor veel meer dan gewoonlijk: al meer dan ${euros} euro.`,
      why: 'Dat is meer dan drie keer wat een dag van deze persoon kost. Vraag of het klopt. De grenzen aan de kosten blijven gelden.',
      fix: '',
    },
    'use-very-long': {
      title: (person, hours) => `${person} belt vandaag al meer dan ${hours} uur.`,
      why: 'Misschien is een telefoon niet opgehangen. Vraag of het klopt.',
      fix: '',
    },
    'use-one-number': {
      title: (person, number) => `De gesprekken van ${person} die extra kosten, gaan vooral naar één nummer: ${number}.`,
      why: 'Het gaat om deze of de vorige week. Wil je klagen over de rekening? Providers geven je daar vaak acht dagen voor.',
      fix: '',
    },
    'use-flash-calls': {
      title: (person) => `We hielden gesprekken van ${person} tegen: te veel heel korte.`,
      why: 'Een telefoon of een programma belde en hing meteen op, vele keren per minuut. Na een uur werken zulke gesprekken weer.',
      fix: '',
    },
  },
};
