import type { Stops } from './stops.en';

export const stops: Stops = {
  title: 'Gesprekken stoppen',
  sentence: 'Misbruikt iemand jullie telefoons? Stop hier meteen de gesprekken, ook die nu lopen. 112, hulplijnen en collega’s kunnen altijd gebeld worden.',
  what: {
    outgoing: { name: 'Bellen naar buiten', on: 'Bellen naar buiten is gestopt.', hint: 'Niemand kan naar buiten bellen. Jullie kunnen wel gebeld worden.' },
    abroad: { name: 'Bellen naar het buitenland', on: 'Bellen naar het buitenland is gestopt.', hint: 'Bellen in eigen land gaat door.' },
  },
  person: {
    title: 'Wordt dit toestel misbruikt?',
    sentence: 'Laat deze persoon dan voorlopig alleen collega’s en 112 bellen. Niemand van buiten kan deze persoon dan bellen.',
    button: (name) => `Alleen collega’s voor ${name}`,
    name: (name) => `${name}: alleen collega’s`,
    on: (name) => `${name} kan alleen collega’s bellen.`,
  },
  always: '112 werkt.',
  since: (when) => `Sinds ${when}.`,
  see: 'Bekijken',
  press: 'Nu stoppen',
  release: 'Weer laten bellen',
  releaseTitle: (what) => `${what}: weer toestaan?`,
  releaseSentence: 'Doe dit als het misbruik voorbij is. Je wachtwoord laat zien dat jij het bent.',
  password: 'Je wachtwoord',
  known: { 'no-such-stop': 'Dit kan hier niet gestopt worden. Laad de pagina opnieuw.' },
};
