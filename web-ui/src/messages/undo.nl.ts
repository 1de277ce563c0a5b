import type { Undo } from './undo.en';

export const undo: Undo = {
  title: 'Een wijziging terugdraaien',
  sentence: 'Wie een e-mail krijgt, hoort van deze wijzigingen, omdat een dief ze ook zou doen. Een dag lang kun je ze terugdraaien.',
  none: 'Er is nu niets om terug te draaien.',
  until: (when: string) => `tot ${when}`,
  what: {
    alerts: () => 'wie een e-mail krijgt',
    administration: () => 'vanaf waar eigenaars en installateurs mogen inloggen',
    trunk: (name: string) => `de provider ${name}`,
    permit: (number: string) => `wat ${number} mag bellen`,
    rights: (name: string) => `wat de groep ${name} mag bellen`,
    user: (name: string) => `${name} mag inloggen, of meer doen dan eerst`,
    cap: () => 'een hogere grens aan de kosten',
    retention: () => 'een kortere tijd waarin dingen bewaard blijven',
    opening: () => 'wanneer het kantoor open is',
    'support-numbers': () => 'hulplijnen die iedereen altijd mag bellen',
    place: () => 'het land van het kantoor, of de tijdzone',
    pin: () => 'de pincode voor telefoons',
    prices: (name: string) => `de prijzen van provider ${name}`,
  },
  back: 'Terugdraaien',
  backLabel: (what: string) => `Terugdraaien: ${what}`,
  code: 'Of de code uit de mail',
  codeHint: 'Hij heeft 20 letters en cijfers en werkt een dag.',
  byCode: 'Terugdraaien met de code',
  done: 'Het is weer zoals daarvoor.',
  refused: {
    'changed-since': 'Het is daarna nog eens veranderd. Zet het met de hand goed, of ga in de lijst van wijzigingen terug.',
    'fits-no-more': 'Het past niet bij wat daarna is veranderd. Ga in de lijst van wijzigingen terug.',
    'mailed-code-wrong': 'Dit is geen code die de laatste dag is gemaild.',
  },
};
