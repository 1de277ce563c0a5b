import type { fields as fieldsRule, problems as problemsRule } from './problems.en';

export const problems = {
  known: {
    'trunk-refused': {
      title: 'De provider weigert de centrale. Naar buiten bellen lukt niet.',
      why: 'Waarschijnlijk klopt de gebruikersnaam of het wachtwoord niet. Vergelijk ze met de brief van de provider.',
      fix: 'Gegevens nakijken',
    },
    'trunk-unreachable': {
      title: 'De provider is niet bereikbaar. Naar buiten bellen lukt niet.',
      why: 'Er is een storing bij het internet of bij de provider. We blijven het zelf proberen.',
      fix: 'Provider bekijken',
    },
    'phone-password-stale': {
      title: (subject: string) => `${subject} gebruikt nog een oud wachtwoord.`,
      why: 'Bellen lukt pas weer met het nieuwe.',
      fix: 'Het nieuwe sturen',
    },
    'port-refused': {
      title: 'Sommige toestellen bereiken de centrale misschien niet.',
      why: 'Een ander programma op deze machine gebruikt een adres dat de centrale nodig heeft.',
      fix: '',
    },
    'no-provider': {
      title: 'Je kunt nog niet naar buiten bellen.',
      why: 'Collega’s kunnen elkaar bellen. Verbind een provider om iedereen te bellen.',
      fix: 'Provider verbinden',
    },
  },
  unknown: {
    title: 'Er is iets dat aandacht vraagt.',
    why: 'Laat dit aan je installateur zien.',
  },
  severity: {
    'calls-fail': 'Bellen lukt niet',
    warning: 'Dit gaat een keer mis',
    note: 'Goed om te weten',
  },
  aPhone: 'Een toestel',
  phoneOf: (name: string) => `Het toestel van ${name}`,
} satisfies typeof problemsRule;

export const fields = {
  known: {
    'no-connection': 'De centrale antwoordt niet. Kijk of dit apparaat op het netwerk van kantoor zit en probeer het opnieuw.',
    'wrong-code': 'Dit is niet de code van de centrale. Kijk nog eens naar de code en typ hem helemaal over.',
    'wrong-password': 'Dit is niet het wachtwoord. Let op hoofdletters en probeer het opnieuw.',
    wait: 'Dit is te vaak geprobeerd. Wacht even.',
    'password-too-short': 'Dit wachtwoord is te kort. Neem minstens 12 tekens.',
    'already-set-up': 'De centrale is al ingesteld. Log in met het wachtwoord.',
    'number-taken': 'Iemand anders heeft dit nummer. Kies een ander nummer.',
    'number-reserved-emergency': 'Dit nummer is voor hulpdiensten. Kies een ander nummer.',
    'number-out-of-range': 'Interne nummers lopen van 200 tot 699. Kies er daar een van.',
    'name-empty': 'De naam is leeg. Vul een naam in.',
    'window-closed': 'De centrale zoekt nu geen nieuwe toestellen. Klik op ‘Nieuwe toestellen zoeken’ en probeer het opnieuw.',
    'unknown-person': 'Deze persoon staat niet meer in de lijst. Kies iemand anders.',
    'in-use': 'Dit wordt nog ergens gebruikt. Wijzig dat eerst.',
  },
  unknown: 'De centrale neemt dit niet aan.',
  empty: (field: string) => `${field} is leeg. Vul het in.`,
} satisfies typeof fieldsRule;
