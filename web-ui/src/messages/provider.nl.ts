import type { providerProblems as rule } from './provider.en';

const gone = (who: string, what: string, elsewhere: boolean) =>
  elsewhere
    ? `${who} ${what}, dus de nummers daar gaan niet over. Naar buiten bellen gaat via een andere provider.`
    : `${who} ${what}. Naar buiten bellen lukt niet.`;
const lost = (what: string, elsewhere: boolean) => (elsewhere ? what : `${what} Een gesprek lukte niet.`);

export const providerProblems = {
  'trunk-refused': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'weigert de centrale', elsewhere),
    why: 'Waarschijnlijk klopt de gebruikersnaam of het wachtwoord niet. Vergelijk ze met de brief van de provider.',
    fix: 'Gegevens nakijken',
  },
  'trunk-unreachable': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'is niet bereikbaar', elsewhere),
    why: 'Er is een storing bij het internet of bij de provider. We blijven het zelf proberen.',
    fix: 'Provider bekijken',
  },
  'provider-suspended': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'heeft je account geblokkeerd', elsewhere),
    why: 'De provider zegt dat zelf. Vaak is het een onbetaalde rekening, of een vermoeden van misbruik. Bel de provider. Collega’s kunnen elkaar wel bellen.',
    fix: 'Provider bekijken',
  },
  'provider-no-credit': {
    title: (who: string, _detail: string, elsewhere: boolean) => `Het tegoed bij ${who} is op. ${elsewhere ? 'Naar buiten bellen gaat via een andere provider.' : 'Naar buiten bellen lukt niet.'}`,
    why: 'De provider zegt dat het tegoed op is of dat een betaling ontbreekt. Betaal daar, dan werkt bellen vanzelf weer.',
    fix: 'Provider bekijken',
  },
  'provider-refuses-number': {
    title: (who: string) => `${who} weigert het nummer dat je laat zien.`,
    why: 'Je mag alleen nummers laten zien die je van de provider hebt. Vergelijk je nummers hier met die bij de provider.',
    fix: 'Nummers nakijken',
  },
  'provider-refuses-destination': {
    title: (who: string) => `${who} verbindt gesprekken naar dat nummer niet door.`,
    why: 'Veel providers blokkeren dure of buitenlandse nummers tot je erom vraagt. Vraag de provider om het open te zetten, als je daarheen wilt bellen.',
    fix: '',
  },
  'provider-full': {
    title: (who: string, _detail: string, elsewhere: boolean) => lost(`Alle lijnen bij ${who} waren bezet.`, elsewhere),
    why: 'Je contract staat een aantal gesprekken tegelijk toe. Gebeurt dit vaak, vraag de provider dan om meer lijnen.',
    fix: '',
  },
  'provider-refuses-sound': {
    title: (who: string) => `${who} en de centrale worden het niet eens over het geluid.`,
    why: 'De provider nam de soorten geluid, of de versleuteling, die de centrale aanbood niet aan. Laat dit aan je installateur zien.',
    fix: 'Provider bekijken',
  },
  'provider-fault': {
    title: (who: string, _detail: string, elsewhere: boolean) => lost(`${who} heeft een storing.`, elsewhere),
    why: 'De provider antwoordt, maar zegt dat hij nu niet kan doorverbinden. Probeer het later nog eens. Duurt het lang, bel dan de provider.',
    fix: '',
  },
  'provider-moved': {
    title: (who: string) => `Het internetadres van ${who} leidt naar een andere plek.`,
    why: 'De centrale houdt zich aan de plek die werkte, zolang die antwoordt. Providers verhuizen soms: vraag het die van jullie. Is hij niet verhuisd, dan doet iemand zich misschien voor als de provider en kan hij meeluisteren.',
    fix: '',
  },
  'provider-private': {
    title: (who: string) => `Het internetadres van ${who} leidt naar een privénetwerk.`,
    why: 'Daar zit een provider zelden. Misschien antwoordt jullie router, of iemand in jullie netwerk, in zijn plaats. De centrale houdt zich aan de plek die werkte, zolang die antwoordt. Bel je installateur.',
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
    title: (who: string) => `De prijzen van ${who} zijn te oud.`,
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
