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
    'phone-keys-in-clear': {
      title: (subject: string) => `${subject} kan niet bellen: het versleutelt geluid, maar de rest niet.`,
      why: 'De sleutels zouden op het netwerk te lezen zijn, dus de centrale neemt ze niet aan. Zet het toestel op TLS, of zet SRTP uit.',
      fix: '',
    },
    'port-refused': {
      title: 'Sommige gesprekken zijn misschien stil.',
      why: 'Een ander programma op deze machine houdt een poort bezet die de centrale nodig heeft voor geluid.',
      fix: '',
    },
    'dhcp-not-allowed': {
      title: 'De centrale kan toestellen niet via DHCP vertellen waar ze is.',
      why: 'Het staat aan, maar het programma mag die poort niet gebruiken (het recht CAP_NET_BIND_SERVICE ontbreekt).',
      fix: '',
    },
    'dhcp-port-taken': {
      title: 'De centrale kan toestellen niet via DHCP vertellen waar ze is.',
      why: 'Er draait al een DHCP-server op deze machine. Zet het adres van de centrale daarin, of stop hem.',
      fix: '',
    },
    'no-provider': {
      title: 'Je kunt nog niet naar buiten bellen.',
      why: 'Collega’s kunnen elkaar bellen. Verbind een provider om iedereen te bellen.',
      fix: 'Provider verbinden',
    },
    'device-token-misused': {
      title: (subject: string) => `${subject} is vergrendeld, want iets anders gebruikte zijn toegang.`,
      why: 'Zet het toestel terug op de fabrieksinstellingen en neem het opnieuw in gebruik.',
      fix: 'Toestellen bekijken',
    },
    'device-certificate-differs': {
      title: (subject: string) => `Iets doet zich voor als ${subject}. Het kreeg niets.`,
      why: 'Zoek een onbekend apparaat op het netwerk.',
      fix: '',
    },
    'device-user-agent-differs': {
      title: (subject: string) => `Iets vroeg het telefoonboek van ${subject} onder een andere naam. Het kreeg niets.`,
      why: 'Zoek een onbekend apparaat op het netwerk.',
      fix: '',
    },
    'device-neighbour-differs': {
      title: (subject: string) => `Iets doet zich voor als ${subject}. Het kreeg niets.`,
      why: 'Zoek een onbekend apparaat op het netwerk.',
      fix: '',
    },
    'device-asks-again': {
      title: (subject: string) => `${subject} vraagt om opnieuw ingesteld te worden.`,
      why: 'Is het teruggezet? Neem het dan opnieuw in gebruik. Zo niet, kijk wie dit deed.',
      fix: 'Toestellen bekijken',
    },
    'device-plain-http': {
      title: (subject) => `De instellingen van ${subject} gaan onbeschermd over het netwerk.`,
      why: 'Dat is toegestaan omdat het toestel te oud is voor beter. Vervang het als dat kan.',
      fix: 'Toestellen bekijken',
    },
    'device-moved': {
      title: (subject: string) => `${subject} vraagt vanaf een andere plek dan eerst.`,
      why: 'Heb je het verplaatst? Gebruik het dan opnieuw. Zo niet, kijk wie dit deed.',
      fix: 'Toestellen bekijken',
    },
    'provisioning-guessing': {
      title: 'Een apparaat op het netwerk raadt naar de instellingen van toestellen.',
      why: 'Het kreeg niets. Zoek uit welk apparaat het is.',
      fix: '',
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
    'number-malformed': 'Een intern nummer bestaat uit cijfers. Typ drie cijfers.',
    'number-reserved': 'Dit is een openbaar kort nummer. Kies een ander nummer.',
    'name-too-long': 'Deze naam is te lang. Neem hoogstens 64 tekens.',
    'name-malformed': 'In deze naam staat een teken dat toestellen niet tonen. Typ de naam opnieuw.',
    'server-malformed': 'Dit is geen adres. Het lijkt op sip.provider.nl.',
    'username-malformed': 'De gebruikersnaam is leeg of bevat een spatie. Neem hem over uit de brief van de provider.',
    'password-empty': 'Het wachtwoord is leeg. Vul het in.',
    'password-needed': 'De provider vraagt een wachtwoord. Vul het in.',
    'password-too-long': 'Dit wachtwoord is te lang. Neem hoogstens 128 tekens.',
    'password-malformed': 'In dit wachtwoord staat een teken dat de provider niet kent. Typ het opnieuw.',
    'area-code-unknown': 'Dit is geen netnummer van het land. Het lijkt op 020.',
    'time-zone-malformed': 'Deze tijdzone kennen we niet. Kies een andere.',
    'last-member': 'Dit is de enige in een groep. Zet eerst iemand anders in die groep.',
    'members-empty': 'Het zou bij niemand overgaan. Kies minstens één persoon.',
    'still-rings': 'Een nummer van buiten gaat hier nog over. Laat het eerst bij iemand anders overgaan.',
    'outside-number-taken': 'Een nummer staat er twee keer. Haal er een weg.',
    'unknown-destination': 'Deze persoon of groep is er niet meer. Kies een andere.',
    'unknown-device': 'Dit toestel laat niets meer horen. Start het opnieuw op en probeer het nog eens.',
    'handsets-too-many': 'Meer handsets gaan er niet op dit basisstation. Geef deze persoon een ander toestel.',
    'unknown-model': 'Dit model kennen we nog niet. Je kunt het met de hand instellen met een wachtwoord van de pagina Mensen.',
    'not-found': 'Dit is er niet meer. Laad de pagina opnieuw.',
    'changed-meanwhile': 'Iemand anders wijzigde op hetzelfde moment iets. Kijk nog eens en sla opnieuw op.',
    'disk-full': 'De schijf van de centrale is vol, er is niets opgeslagen. Laat dit aan je installateur zien.',
    fault: 'De centrale kon dit niet doen. Probeer het opnieuw; haar logboek zegt je installateur waarom.',
  },
  unknown: 'De centrale neemt dit niet aan.',
} satisfies typeof fieldsRule;
