import type { providerProblems as rule } from './provider.en';

export const providerProblems = {
  'provider-suspended': {
    title: 'De provider heeft je account geblokkeerd. Naar buiten bellen lukt niet.',
    why: 'De provider zegt dat zelf. Vaak is het een onbetaalde rekening, of een vermoeden van misbruik. Bel de provider. Collega’s kunnen elkaar wel bellen.',
    fix: 'Provider bekijken',
  },
  'provider-no-credit': {
    title: 'Het tegoed bij de provider is op. Naar buiten bellen lukt niet.',
    why: 'De provider zegt dat het tegoed op is of dat een betaling ontbreekt. Betaal daar, dan werkt bellen vanzelf weer.',
    fix: 'Provider bekijken',
  },
  'provider-refuses-number': {
    title: 'De provider weigert het nummer dat je laat zien.',
    why: 'Je mag alleen nummers laten zien die je van de provider hebt. Vergelijk je nummers hier met die bij de provider.',
    fix: 'Nummers nakijken',
  },
  'provider-refuses-destination': {
    title: 'De provider verbindt gesprekken naar dat nummer niet door.',
    why: 'Veel providers blokkeren dure of buitenlandse nummers tot je erom vraagt. Vraag de provider om het open te zetten, als je daarheen wilt bellen.',
    fix: '',
  },
  'provider-full': {
    title: 'Alle lijnen bij de provider waren bezet. Een gesprek lukte niet.',
    why: 'Je contract staat een aantal gesprekken tegelijk toe. Gebeurt dit vaak, vraag de provider dan om meer lijnen.',
    fix: '',
  },
  'provider-refuses-sound': {
    title: 'De provider en de centrale worden het niet eens over het geluid.',
    why: 'De provider nam de soorten geluid, of de versleuteling, die de centrale aanbood niet aan. Laat dit aan je installateur zien.',
    fix: 'Provider bekijken',
  },
  'provider-fault': {
    title: 'De provider heeft een storing. Een gesprek lukte niet.',
    why: 'De provider antwoordt, maar zegt dat hij nu niet kan doorverbinden. Probeer het later nog eens. Duurt het lang, bel dan de provider.',
    fix: '',
  },
  'router-rewrites': {
    title: 'Je internetrouter verandert de gesprekken.',
    why: 'Daardoor kunnen ze stil zijn of wegvallen. Laat je installateur in de router uitzetten wat hieronder staat. Deze melding verdwijnt dan vanzelf.',
    fix: 'Bekijk wat je kunt doen',
  },
  'router-may-rewrite': {
    title: 'Misschien verandert je internetrouter de gesprekken.',
    why: 'Op weg naar de provider is iets verdwenen of veranderd. Dat kan ook anders komen. Gebeurt het vaker, laat je installateur dan in de router uitzetten wat hieronder staat.',
    fix: 'Bekijk wat je kunt doen',
  },
  'router-passed': {
    title: 'Je internetrouter verandert de gesprekken. De box omzeilt dat.',
    why: 'Gesprekken gaan er nu onveranderd langs. Uitzetten in de router wat hieronder staat, blijft beter.',
    fix: 'Bekijk wat je kunt doen',
  },
  'deck-old': {
    title: 'De prijzen van de provider zijn te oud.',
    why: 'We rekenen elk gesprek weer met de hoogste gewone prijs. Een grens is daardoor eerder bereikt. Kies een nieuwe prijslijst van je provider.',
    fix: 'Prijzen bekijken',
  },
  'phone-path-rewrites': {
    title: (subject: string) => `Iets tussen ${subject} en de centrale verandert de gesprekken.`,
    why: 'Gesprekken van dit toestel kunnen stil zijn, wegvallen of niet overgaan. Meestal is het een tweede router, of een netwerkswitch met een telefoniefunctie. Laat je installateur het toestel zonder dat aansluiten, of die functie uitzetten.',
    fix: '',
  },
  'phone-path-may-rewrite': {
    title: (subject: string) => `Misschien verandert iets tussen ${subject} en de centrale de gesprekken.`,
    why: 'Onderweg is iets van dit toestel verdwenen of veranderd. Dat kan ook anders komen. Gebeurt het vaker, laat je installateur dan zoeken naar een tweede router, of een netwerkswitch met een telefoniefunctie.',
    fix: '',
  },
  'phone-messages-healed': {
    title: (subject: string) => `De centrale herstelde beschadigde berichten van ${subject}. Bellen werkt.`,
    why: 'Iets tussen dit toestel en de centrale beschadigt wat het zegt. Je hoeft nu niets te doen; je installateur kan de oorzaak later zoeken.',
    fix: '',
  },
} satisfies typeof rule;
