import { counter } from '$lib/plural';
import type { Paper } from './paper.en';

const count = counter('nl-NL');
const calls = (n: number) => count(n, { one: '# gesprek', other: '# gesprekken' });

export const paper = {
  download: {
    title: 'Gesprekken downloaden',
    sentence: 'Je krijgt één regel per gesprek, voor een rekenblad. Laat de dagen leeg voor alle gesprekken.',
    from: 'Eerste dag',
    to: 'Laatste dag',
    reversed: 'De laatste dag ligt voor de eerste. Kies een latere.',
    hide: 'Verberg nummers en namen',
    hideHint: 'Elk nummer wordt een ander woord, hetzelfde in het hele bestand. Niemand vindt daarmee het nummer.',
    button: 'Downloaden',
  },
  bill: {
    title: 'Vergelijken met de rekening',
    sentence: 'De centrale schrijft elk gesprek zelf op. Geef haar de lijst van je provider en zie wat er verschilt.',
    back: 'Naar alle gesprekken',
    file: 'De lijst van de provider',
    fileHint: 'Een CSV-bestand met het nummer, de datum en de duur van elk gesprek. Je vindt het bij de rekening op de website van je provider.',
    choose: 'Lijst kiezen',
    private: 'De lijst blijft in de centrale en wordt niet bewaard.',
    comparing: 'De centrale vergelijkt…',
    allRight: (n) => `Alles klopt: ${calls(n)} op de rekening, en de centrale heeft ze allemaal gevoerd.`,
    nothing: 'Er staat geen gesprek op deze lijst dat we kunnen vergelijken.',
    differs: (n) => count(n, { one: '# verschil', other: '# verschillen' }),
    matched: (n) => count(n, { one: '# gesprek klopt.', other: '# gesprekken kloppen.' }),
    leftOut: (n) =>
      count(n, {
        one: '# regel gaat over een gesprek dat binnenkwam of niets kostte. Die is overgeslagen.',
        other: '# regels gaan over gesprekken die binnenkwamen of niets kostten. Die zijn overgeslagen.',
      }),
    onlyBilled: (n) => `Op de rekening, maar niet hier gevoerd: ${calls(n)}`,
    onlyBilledSentence: 'Vraag je provider hiernaar. De centrale kent op dat moment geen gesprek met dat nummer.',
    different: (n) => `Anders op de rekening: ${calls(n)}`,
    differentSentence: 'Deze gesprekken kennen jullie allebei, maar de duur of de prijs is niet gelijk.',
    onlyHere: (n) => `Hier gevoerd, maar niet op de rekening: ${calls(n)}`,
    onlyHereSentence: 'Hiervoor betaal je niets op deze rekening. Misschien staan ze op de volgende.',
    unread: (n) => count(n, { one: '# regel was niet te lezen', other: '# regels waren niet te lezen' }),
    unreadSentence: 'Alle andere regels zijn vergeleken.',
    line: (n) => `regel ${String(n)}`,
    onBill: (what) => `Rekening: ${what}`,
    onBox: (what) => `Centrale: ${what}`,
    showAll: (n) => `Alle ${String(n)} tonen`,
    reasons: {
      torn: 'De regel is niet volledig',
      number: 'Het nummer ontbreekt of is niet volledig',
      start: 'De datum of de tijd is niet duidelijk',
      length: 'De duur is niet duidelijk',
      price: 'De prijs is niet duidelijk',
    },
    proof: (sequence) => `Bewijs: het laatste gesprek heeft nummer ${String(sequence)} en deze vingerafdruk`,
    refused: {
      'bill-no-header':
        'We vinden geen regel met de namen van de kolommen. De lijst moet het nummer, de datum en de duur hebben.',
      'bill-not-text': 'Dit is geen CSV-bestand. Open het in een rekenblad en bewaar het als CSV.',
      'bill-too-long': 'Deze lijst is te lang. Geef ons één maand per keer.',
      'too-large': 'Dit bestand is te groot. Geef ons één maand per keer.',
    },
  },
} satisfies Paper;
