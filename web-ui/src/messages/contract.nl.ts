import type { Contract } from './contract.en';

export const contract: Contract = {
  more: 'Meer',
  account: 'Gesprekken tegelijk',
  accountHint: 'Zoveel als je contract toestaat, van binnen en van buiten samen. Zijn ze allemaal bezet, dan hoort wie naar buiten wil bellen de bezettoon.',
  number: 'Gesprekken tegelijk met één nummer',
  numberHint: 'Laat leeg als het contract er niets over zegt.',
  numbersAs: 'Hoe de provider nummers geschreven wil hebben',
  usual: (example) => `${example} (gewoon)`,
  gateway: 'Dit is een kastje met simkaarten',
  gatewayHint: 'We bellen er dan alleen mee waar de prijslijst een prijs voor heeft, want wat een simkaart kost zegt niemand anders.',
  keys: 'Toetsen apart melden',
  keysHint: 'Kies dit als een keuzemenu niet op je toetsen reageert: elke toets gaat dan als een bericht (SIP INFO). Je provider zegt of dat nodig is.',
  refused: { 'channels-out-of-range': 'Dit is geen aantal gesprekken. Kies 1 tot 1.000.' },
  line: {
    title: 'Internetlijn',
    sentence: 'Hiermee houden we gesprekken helder: is er op de lijn geen plaats meer, dan hoort wie belt de bezettoon en blijven de andere gesprekken goed. 112 gaat altijd door.',
    speed: 'Hoe snel is je internetlijn (upload, Mbit/s)?',
    hint: 'Het staat op de rekening van je internet, of je meet het met een snelheidstest. Weet je het niet? Laat het leeg.',
    unknown: 'Niemand heeft het ons gezegd, dus beperken we de gesprekken niet.',
    calls: (calls) => calls === 1 ? 'Dat is één gesprek tegelijk.' : `Dat zijn ${calls} gesprekken tegelijk.`,
    refused: { 'line-out-of-range': 'Dit is geen snelheid die we kennen. Het ziet eruit als 20 of 1,5, en ligt tussen 0,1 en 10.000.' },
  },
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
