import type { Trust } from './trust.en';

export const trust: Trust = {
  known: {
    'phone-unknown': {
      title: (subject, detail) => `Een toestel dat we niet kennen gebruikt het wachtwoord van ${subject}: ${detail}.`,
      why: 'Het kan collega’s en 112 bellen, en gebeld worden. Verder kan het niemand bellen tot je zegt dat het van jullie is.',
      fix: '',
    },
    'office-under-attack': {
      title: 'Iemand raadt vanaf veel plekken tegelijk naar jullie wachtwoorden.',
      why: 'Toestellen die werken blijven werken, en 112 ook. Een nieuw toestel buiten kantoor kan zich pas aanmelden als het een uur stil is.',
      fix: '',
    },
    'trunk-locked-out': {
      title: (who: string, _detail: string, elsewhere: boolean) => `${who} neemt het wachtwoord niet meer aan dat tot nu toe werkte. ${elsewhere ? 'Naar buiten bellen gaat via een andere provider.' : 'Bellen naar buiten werkt niet.'}`,
      why: 'Iemand heeft het daar veranderd, of de provider heeft het account geblokkeerd. Bel de provider.',
      fix: 'Gegevens nakijken',
    },
    'trunk-elsewhere': {
      title: (who: string) => `Iemand anders gebruikt jullie wachtwoord bij ${who}.`,
      why: 'De provider kent er nog een plek mee, naast deze centrale. Vraag de provider om een nieuw wachtwoord en vul het hier in.',
      fix: 'Gegevens nakijken',
    },
    'page-entered': {
      title: (subject: string, detail: string) => `${subject} meldde zich aan op deze pagina vanaf ${detail}, na veel verkeerde wachtwoorden.`,
      why: 'Was het niemand van jullie, wijzig dan nu het wachtwoord van deze gebruiker. Het verhaal zegt wat er daarna is gedaan.',
      fix: 'Bekijk het verhaal',
    },
    'attempts-got-in': {
      title: (_subject, told) => {
        const [, attempts, inside] = /^(\d+) (\d+)$/.exec(told) ?? [];
        return `Inbraakpogingen van de afgelopen 24 uur: ${attempts ?? ''} tegengehouden. Iemand kwam binnen: ${inside ?? ''}.`;
      },
      why: 'De verhalen zeggen wie binnenkwam, wat daarmee kon, en wat je moet doen.',
      fix: 'Bekijk de verhalen',
    },
    'incident-due': {
      title: 'Iemand kwam ergens binnen, en nog niet iedereen die het moet weten, is ingelicht.',
      why: 'Het contract en de wet geven daar weinig tijd voor. In het verhaal staat wat moet gebeuren, en het rapport ligt klaar.',
      fix: 'Bekijk het verhaal',
    },
  },
  ours: 'Het is van ons',
  throwOut: 'Eruit ermee: nieuw wachtwoord',
  thrownOut: 'Het toestel krijgt een nieuw wachtwoord. Het oude werkt niet meer.',
};
