import { answers } from './answers.nl';
import type { Usage } from './usage.en';

export const usage: Usage = {
  answers,
  known: {
    'use-far-above-usual': {
      title: (person, euros) => `${person} belt vandaag voor veel meer dan gewoonlijk: al meer dan ${euros} euro.`,
      why: 'Dat is meer dan drie keer wat een dag van deze persoon kost. Vraag of het klopt. De grenzen aan de kosten blijven gelden.',
      fix: '',
    },
    'use-very-long': {
      title: (person, hours) => `${person} belt vandaag al meer dan ${hours} uur.`,
      why: 'Misschien is een telefoon niet opgehangen. Vraag of het klopt.',
      fix: '',
    },
    'use-one-number': {
      title: (person, number) => `De gesprekken van ${person} die extra kosten, gaan vooral naar één nummer: ${number}.`,
      why: 'Het gaat om deze of de vorige week. Wil je klagen over de rekening? Providers geven je daar vaak acht dagen voor.',
      fix: '',
    },
    'use-flash-calls': {
      title: (person) => `We hielden gesprekken van ${person} tegen: te veel heel korte.`,
      why: 'Een telefoon of een programma belde en hing meteen op, vele keren per minuut. Na een uur werken zulke gesprekken weer.',
      fix: '',
    },
    'use-one-number-again': {
      title: (person, number) => `${person} belde ${number} twaalf keer in tien minuten. Dat nummer is even dicht.`,
      why: 'Misschien valt iemand een ander lastig, of belt een telefoon vanzelf opnieuw. Vraag of het klopt. Na tien minuten kan het weer.',
      fix: '',
    },
    'use-machine': {
      title: (person) => `We hielden gesprekken van ${person} naar buiten tegen: korte gesprekken met heel veel nummers.`,
      why: 'Zestig nummers in een uur, een paar seconden elk: dat lijkt op een programma. Na een uur kan het weer. Hulp bellen kan altijd.',
      fix: '',
    },
    'use-row': {
      title: (person, begin) => `${person} belt nummers op een rij: ze beginnen met ${begin}.`,
      why: 'Dat lijkt op een programma dat nummers probeert. Vraag of het klopt.',
      fix: '',
    },
    'use-clockwork': {
      title: (person) => `Gesprekken van ${person} komen als een klok: steeds even ver uit elkaar, en even lang.`,
      why: 'Dat lijkt op een programma. Vraag of het klopt. Zo niet, stop dan de gesprekken van deze persoon.',
      fix: '',
    },
    'use-at-once': {
      title: (person, calls) => `${person} voert ${calls} gesprekken naar buiten op hetzelfde moment.`,
      why: 'Niemand praat met zoveel mensen tegelijk. Weet je niet waarom? Stop dan de gesprekken van deze persoon.',
      fix: '',
    },
    'use-transit': {
      title: (person, numbers) => `Bellers van buiten gaan via ${person} weer naar buiten, naar ${numbers} verschillende nummers in een uur.`,
      why: 'Misschien gebruikt iemand jullie lijnen voor gesprekken van vreemden, op jullie kosten. Zet bekende nummers bij de contacten; vanaf tien andere weigeren we er meer.',
      fix: '',
    },
    'use-elsewhere': {
      title: (person) => `${person} heeft een telefoon die niet op kantoor is. Wie daarmee 112 belt, moet zeggen waar hij is: de hulp weet het niet.`,
      why: 'De centrale stuurt het adres van het kantoor dan niet mee. Zeg dit tegen deze persoon, of laat 112 met een mobiel bellen.',
      fix: '',
    },
    'use-elsewhere-long': {
      title: (person) => `${person} belt al meer dan twee weken ergens anders vandaan.`,
      why: 'Is dat in een ander land? De nummers van het kantoor mogen daar niet lang gebruikt worden: vraag het je provider. En wie daar 112 belt, moet zeggen waar hij is.',
      fix: '',
    },
    'use-not-heard': {
      title: (person) => `Een telefoon van ${person} zoekt de centrale van elders, en krijgt geen antwoord.`,
      why: 'Van buiten kantoor antwoordt de centrale onbekenden niet, behalve wie hulp belt. Is deze persoon weg? Vraag je installateur om telefoons van elders toe te laten. Zo niet, dan probeert een vreemde namen: je hoeft niets te doen.',
      fix: '',
    },
    'use-other-zone': {
      title: (number, area) => `Het nummer ${number} hoort bij een ander gebied dan het kantoor: ${area}.`,
      why: 'Zo’n nummer is voor gebruik in het eigen gebied. Vraag het je provider, of kijk het netnummer van het kantoor na.',
      fix: '',
    },
    'alarm-line-lost': {
      title: (line) => `${line} heeft geen lijn: het toestel is er niet.`,
      why: 'Een lift of een alarm kan nu niet bellen. Kijk de stroom en de kabel na.',
      fix: '',
    },
    'alarm-call-failed': {
      title: (line, number) => `Een oproep van ${line} naar ${number} kwam niet aan.`,
      why: 'Ga daar eerst kijken. Probeer daarna de lijn: dit verdwijnt als een oproep aankomt.',
      fix: '',
    },
    'alarm-test-missed': {
      title: (line, hours) => `${line} belde niet voor de test: al meer dan ${hours} uur niets.`,
      why: 'Misschien kan deze lift of dit alarm niet meer bellen. Probeer de lijn. Dit verdwijnt als een oproep aankomt.',
      fix: '',
    },
    'use-line-narrow': {
      title: (_, calls) => `Je internetlijn kan ${calls} gesprekken tegelijk aan, en je contract staat er meer toe.`,
      why: 'Elk gesprek kost 100 kbit/s in beide richtingen. Wie belt als de lijn vol is, hoort de bezettoon. Vraag een snellere lijn, of minder gesprekken in het contract.',
      fix: '',
    },
    'use-line-loses': {
      title: (_, calls) => `Bij ${calls} gesprekken tegelijk gaat er te veel geluid verloren op weg van de provider.`,
      why: 'Dat was in twee gesprekken te horen. Misschien is de internetlijn te langzaam, of gebruikt iets anders haar. Vul bij Instellingen in hoe snel ze echt is: dan laten we niet meer gesprekken toe dan ze aankan.',
      fix: '',
    },
    'lan-router-posed': {
      title: (_box: string, device: string) => `Iemand op je netwerk doet zich voor als je router: het apparaat ${device}.`,
      why: 'Die kan lezen en wijzigen wat naar het internet gaat. Zoek het apparaat met dit adres en trek de stekker eruit, of bel vandaag je installateur. Versleutelde gesprekken blijven geheim.',
      fix: '',
    },
    'lan-router-changed': {
      title: 'Je router is een ander apparaat dan eerst.',
      why: 'Heb je een nieuwe? Dan is alles goed, en verdwijnt dit na een dag. Zo niet, bel je installateur.',
      fix: '',
    },
    'lan-phones-posed': {
      title: (_machine: string, names: string) => `Eén apparaat op je netwerk doet zich voor als de toestellen van ${names}.`,
      why: 'Gesprekken die niet versleuteld zijn, kunnen daar worden gehoord. Zoek het apparaat met dit adres en trek de stekker eruit. Een nieuwe wifiversterker kan hetzelfde doen.',
      fix: '',
    },
    'lan-address-shared': {
      title: (person: string, address: string) => `Twee apparaten gebruiken hetzelfde adres als het toestel van ${person}: ${address}.`,
      why: 'Gesprekken kunnen mislukken. Start beide opnieuw op, of laat de router alle adressen uitdelen. Is het andere apparaat niet van jullie? Trek de stekker eruit.',
      fix: '',
    },
    'lan-phone-moved': {
      title: (phone: string, network: string) => `${phone} zit op een ander netwerk dan eerst: ${network}.`,
      why: 'Heeft iemand het verplaatst? Zeg dan je provider waar het nu is, want hulp gaat naar het adres van het kantoor. Zo niet, zoek het op.',
      fix: '',
    },
    'lan-scans-outside': {
      title: (machine: string, person: string) => `Een apparaat op kantoor zoekt telefooncentrales elders: ${machine}${person === '' ? '' : ` (${person})`}.`,
      why: 'Via deze box ging er niets naar buiten. Maar het kan andere wegen hebben, en een programma erop kan schade doen: haal het van het netwerk en laat het nakijken.',
      fix: '',
    },
  },
  alarmLines: {
    title: 'Liften en alarmen',
    sentence: 'Lijnen die zelf om hulp bellen, ook als al het andere bellen gestopt is.',
    last: (when) => `Belde het laatst ${when}`,
    never: 'Heeft nog niet gebeld',
    tests: (hours) => `test zichzelf minstens elke ${hours} uur`,
  },
  sound: {
    stopped: 'Geluid viel weg',
    from: (name) => `Vóór het einde kwam er geen geluid meer van ${name}.`,
    to: (name) => `Vóór het einde kwam er geen geluid meer aan bij ${name}.`,
  },
  malicious: 'Kwaadwillige oproep',
  marks: 'Merkt de laatste oproep als kwaadwillig',
};
