import type { Contract } from './contract.en';

export const contract: Contract = {
  more: 'Meer',
  account: 'Gesprekken tegelijk',
  accountHint: 'Zoveel als je contract toestaat, van binnen en van buiten samen. Zijn ze allemaal bezet, dan hoort wie naar buiten wil bellen de bezettoon.',
  number: 'Gesprekken tegelijk met één nummer',
  numberHint: 'Laat leeg als het contract er niets over zegt.',
  numbersAs: 'Hoe de provider nummers geschreven wil hebben',
  usual: (example) => `${example} (gewoon)`,
  refused: { 'channels-out-of-range': 'Dit is geen aantal gesprekken. Kies 1 tot 1.000.' },
  blocked: {
    title: 'Geblokkeerde bellers',
    sentence: 'Wie vanaf een van deze nummers belt, hoort dat het gesprek geweigerd is. Op kantoor gaat er niets over.',
    numbers: 'Nummers',
    numbersHint: 'Eén op elke regel, bijvoorbeeld 020 123 45 67.',
    withheld: 'Ook bellers die hun nummer niet laten zien',
    withheldHint: 'Artsen en ziekenhuizen laten het soms niet zien.',
    refused: {
      'number-internal': 'Er staat een intern nummer in de lijst. Alleen bellers van buiten kun je blokkeren.',
      'number-reserved-emergency': 'Er staat een noodnummer in de lijst. Dat kun je niet blokkeren.',
      'callers-too-many': 'Deze lijst is te lang. Haal nummers weg die niet meer bellen.',
    },
  },
};
