import type { Stops } from './stops.en';

export const stops: Stops = {
  title: 'Gesprekken stoppen',
  sentence: 'Misbruikt iemand jullie telefoons? Stop hier meteen de gesprekken, ook die nu lopen. 112, hulplijnen en collega’s kunnen altijd gebeld worden.',
  what: {
    outgoing: { name: 'Bellen naar buiten', on: 'Bellen naar buiten is gestopt.', hint: 'Niemand kan naar buiten bellen. Jullie kunnen wel gebeld worden.' },
    abroad: { name: 'Bellen naar het buitenland', on: 'Bellen naar het buitenland is gestopt.', hint: 'Bellen in eigen land gaat door.' },
  },
  misused: 'Wordt dit toestel misbruikt?',
  person: {
    sentence: 'Laat deze persoon dan voorlopig alleen collega’s en 112 bellen. Niemand van buiten kan deze persoon dan bellen.',
    button: (name) => `Alleen collega’s voor ${name}`,
    name: (name) => `${name}: alleen collega’s`,
    on: (name) => `${name} kan alleen collega’s bellen.`,
  },
  paid: {
    sentence: 'Of stop alleen dure gesprekken: naar het buitenland, en naar nummers die extra kosten. De centrale doet dat zelf als gesprekken op misbruik lijken.',
    button: (name) => `Geen dure gesprekken voor ${name}`,
    name: (name) => `${name}: dure gesprekken`,
    on: (name) => `${name} kan niet naar het buitenland bellen, en niet naar nummers die extra kosten.`,
  },
  always: '112 werkt.',
  since: (when) => `Sinds ${when}.`,
  see: 'Bekijken',
  press: 'Nu stoppen',
  release: 'Weer laten bellen',
  releaseTitle: (what) => `${what}: weer toestaan?`,
  releaseSentence: 'Doe dit als het misbruik voorbij is. Je wachtwoord laat zien dat jij het bent.',
  phone: {
    title: 'Met een toestel op kantoor',
    sentence: 'Kun je niet bij deze pagina, of laat die je wachten? Kies een code op een toestel op kantoor. Je hoort een piep: toets de pincode en dan het hekje. Stijgende tonen betekenen dat het gelukt is.',
    codes: {
      '*92': 'Bellen naar buiten stoppen',
      '*93': 'Bellen naar het buitenland stoppen',
      '*90': 'Weer laten bellen',
      '*91': 'Ons hier meteen weer laten inloggen',
    },
    set: 'Er is een pincode: de codes werken.',
    unset: 'Er is nog geen pincode: de codes doen niets.',
    pin: 'Nieuwe pincode',
    hint: 'Zes tot tien cijfers die niemand raadt. Geef ze alleen aan wie het bellen mag stoppen.',
    remove: 'Pincode weghalen',
    known: {
      'pin-malformed': 'Een pincode heeft zes tot tien cijfers.',
      'pin-weak': 'Deze pincode is te makkelijk te raden: neem geen rij, zoals 123456, en herhaal niets.',
    },
  },
  known: { 'no-such-stop': 'Dit kan hier niet gestopt worden. Laad de pagina opnieuw.' },
};
