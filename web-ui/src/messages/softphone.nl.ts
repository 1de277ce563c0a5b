import { counter } from '$lib/plural';
import type { Softphone } from './softphone.en';

const count = counter('nl-NL');

export const softphone: Softphone = {
  once: 'Een app kent deze centrale nog niet. Daarom stuurt de code het account zonder versleuteling, één keer en alleen op je eigen netwerk. Daarna is alles versleuteld.',
  listening: (name) => `Wie op dat moment op je netwerk meeluistert, kan bellen als ${name}. Gebruik een netwerk met een wachtwoord, en niet dat voor gasten.`,
  trusts: 'De app vertrouwt deze centrale al',
  trustsHint: 'Alleen als je installateur het certificaat van de centrale in de app heeft gezet. Dan is alles vanaf het begin versleuteld.',
  show: 'Code tonen',
  steps: [
    'Installeer Linphone op de mobiel of computer.',
    'Verbind het apparaat met het netwerk van kantoor.',
    'Kies in Linphone ‘Configuratie op afstand ophalen’.',
    'Scan deze code, of kopieer het adres.',
  ],
  expires: (minutes) => `De code werkt één keer, ${count(minutes, { one: '# minuut', other: '# minuten' })} lang.`,
  failed: 'Zegt Linphone dat het niet lukt? Kijk dan in de lijst van toestellen. Staat daar een app die niet van jullie is, verwijder die dan.',
  address: 'Adres om in te stellen',
  qrAlt: 'QR-code met het adres om in te stellen',
};
