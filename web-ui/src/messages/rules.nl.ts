import type { Rules } from './rules.en';

export const rules: Rules = {
  title: 'Zo gebruiken we de telefoons',
  sentence: 'Lees dit één keer, en nog eens als het verandert. Bellen gaat intussen door, ook naar 112.',
  usual: `Gebruik de telefoons voor het werk van het kantoor. Kort privé bellen mag als het kantoor dat goed vindt.

Geef je wachtwoord, een code of een pincode aan niemand, ook niet aan iemand die zegt dat hij bij de provider werkt.

Bel geen nummers die extra kosten, en geen landen die je niet nodig hebt voor je werk. Het kantoor betaalt elk gesprek, ook dat van een dief.

Doe je niet voor als iemand anders, en val mensen niet lastig met gesprekken die ze niet willen.

Bellen naar 112 werkt altijd. Bel 112 nooit om het te proberen.

De centrale schrijft op wie wie belde, wanneer en hoe lang, om rekeningen na te kijken en dieven tegen te houden. Ze luistert niet mee.

Zie je gesprekken die niemand voerde? Zeg het meteen tegen wie voor de telefoons zorgt.`,
  accept: 'Ik heb dit gelezen en houd me eraan',
  setting: {
    title: 'Gebruiksregels',
    sentence: 'Iedereen leest dit bij de eerste keer inloggen, en opnieuw als je het verandert. In het logboek staat wie het wanneer aannam.',
    text: 'Je eigen tekst',
    textHint: 'Laat leeg voor de gewone tekst, die er in drie talen is.',
    usual: 'De gewone tekst',
    refused: {
      'rules-too-long': 'Deze tekst is te lang. Hij heeft hooguit 4.000 tekens.',
      'rules-malformed': 'In deze tekst staat een teken dat een pagina niet kan tonen. Typ hem opnieuw.',
    },
  },
};
