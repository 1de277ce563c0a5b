import type { urgent as rule } from './urgent.en';

export const urgent: typeof rule = {
  title: 'Noodoproepen',
  sentence: 'Waar hulp moet komen. We geven het mee aan een provider die het kan doorgeven. Zeg het altijd ook zelf.',
  limits: 'Zonder stroom of internet kunnen deze toestellen 112 niet bellen. Houd een mobiele telefoon bij de hand.',
  street: 'Straat',
  houseNumber: 'Huisnummer',
  postcode: 'Postcode',
  place: 'Plaats',
  testNumber: 'Nummer voor een dagelijkse test',
  testNumberHint: 'Eén keer per dag laat de centrale dit nummer even overgaan, om te weten dat bellen naar buiten lukt. Bijvoorbeeld een mobiel van jezelf.',
  tests: {
    title: 'Komt een noodoproep naar buiten?',
    state: {
      none: 'Nog niet getest',
      planned: 'Nog niet getest',
      'under-way': 'Wordt getest',
      proven: 'Getest: het werkt',
      failed: 'De laatste test kwam niet door',
    },
    proven: (when: string) => `Voor het laatst bewezen op ${when}.`,
    never: 'Nog niet bewezen.',
    now: 'Nu testen',
    hint: 'Een test laat je testnummer even overgaan, nooit 112. Hooguit één keer per vijf minuten.',
    asked: 'De test is onderweg.',
  },
  refused: {
    'test-number-missing': 'Er is nog geen testnummer. Vul het in en bewaar het eerst.',
    'address-incomplete': 'Dit deel van het adres ontbreekt. Vul het in, of laat het hele adres leeg.',
    'house-number-malformed': 'Een huisnummer begint met een cijfer. Het ziet eruit als 12 of 12-3.',
    'postcode-malformed': 'Dit is geen postcode. Hij ziet eruit als 1012 JM, of als 1000 in België.',
    'name-too-long': 'Dit is te lang. Gebruik ten hoogste 64 tekens.',
    'name-malformed': 'Hier staat een teken in dat we niet kunnen doorgeven. Typ het opnieuw.',
    'number-internal': 'Dit is een intern nummer. Kies een nummer buiten kantoor.',
    'number-reserved-emergency': 'Dit is een noodnummer. Test daar nooit. Kies een ander nummer.',
  },
};
