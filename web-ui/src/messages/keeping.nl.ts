import type { Keeping } from './keeping.en';

export const keeping: Keeping = {
  retention: {
    title: 'Hoe lang we dingen bewaren',
    sentence: 'Alles blijft op de centrale. Wat ouder is dan dit gaat vanzelf weg. Kies je minder, dan gaat er een dag lang niets weg.',
    calls_days: 'Gesprekken',
    incidents_days: 'Wat er tegen het kantoor geprobeerd is',
    log_days: 'Het logboek van wie wat deed',
    messages_days: 'Berichten in voicemail',
    days: (least: number, most: number) => `In dagen, ${String(least)} tot ${String(most)}.`,
    refused: { 'days-out-of-range': 'Dit is te kort of te lang: de wet en een geschil over een rekening geven deze grenzen.' },
  },
  secrets: {
    title: 'Heeft iemand een wachtwoord van je telefoons?',
    sentence: 'Verander ze dan allemaal tegelijk. Elke telefoon haalt zijn nieuwe wachtwoord zelf, en een telefoon die uit staat doet dat als hij terug is. Oude wachtwoorden werken vanaf nu niet meer.',
    byHand: 'Heb je in een telefoon of app zelf een wachtwoord getypt? Geef die daarna een nieuw, onder Mensen.',
    button: 'Verander alle wachtwoorden',
    done: (phones: number) => `Klaar. Telefoons die een nieuw wachtwoord halen: ${String(phones)}.`,
    report: 'Het rapport voor de provider',
  },
  wipe: {
    title: 'Gaat de centrale het kantoor uit?',
    sentence: 'Alles wat ze bewaart wordt vernietigd: het kantoor, wachtwoorden, gesprekken, berichten en logboeken. Daarna start ze als nieuw. Niemand kan dit terugdraaien.',
    help: 'Alle gesprekken stoppen, ook een gesprek met 112. Tot iemand de centrale opnieuw instelt kan niemand met deze telefoons bellen, ook niet naar 112.',
    phrase: (name: string) => `Typ de naam van het kantoor: ${name}`,
    button: 'Vernietig alles',
    done: 'Het begint nu. Over een minuut wacht de centrale tot iemand haar instelt.',
    known: { 'phrase-wrong': 'Dit is niet de naam van het kantoor.' },
  },
  abuse: {
    title: 'Waar de provider meldingen van misbruik wil',
    sentence: 'Het staat in elk rapport dat je downloadt van wat er geprobeerd is. Je vindt het in de voorwaarden van de provider.',
    name: 'Naam',
    address: 'E-mailadres, bijvoorbeeld abuse@provider.nl',
    days: 'Antwoordt binnen hoeveel dagen?',
    refused: {
      'mail-address-malformed': 'Dit is geen e-mailadres. Het ziet eruit als abuse@provider.nl.',
      'days-out-of-range': 'Dit is geen aantal dagen. Kies 1 tot 90.',
      'name-empty': 'De naam is leeg. Vul een naam in.',
    },
  },
};
