import { answers } from './answers.fr';
import type { Usage } from './usage.en';

export const usage: Usage = {
  answers,
  known: {
    'use-far-above-usual': {
      title: (person, euros) => `${person} appelle aujourd’hui pour bien plus que d’habitude\u00a0: déjà plus de ${euros} euros.`,
      why: 'C’est plus de trois fois ce que coûte une journée de cette personne. Demandez si c’est normal. Les limites des coûts restent.',
      fix: '',
    },
    'use-very-long': {
      title: (person, hours) => `${person} appelle depuis plus de ${hours} heures aujourd’hui.`,
      why: 'Un téléphone n’a peut-être pas été raccroché. Demandez si c’est normal.',
      fix: '',
    },
    'use-one-number': {
      title: (person, number) => `Les appels surtaxés de ${person} vont surtout à un seul numéro\u00a0: ${number}.`,
      why: 'Il s’agit de cette semaine ou de la précédente. Pour vous plaindre de la facture, l’opérateur vous donne souvent huit jours.',
      fix: '',
    },
    'use-flash-calls': {
      title: (person) => `Nous avons arrêté des appels de ${person}\u00a0: trop d’appels très courts.`,
      why: 'Un téléphone ou un programme appelait et raccrochait aussitôt, de nombreuses fois par minute. Après une heure, ces appels marchent de nouveau.',
      fix: '',
    },
    'use-one-number-again': {
      title: (person, number) => `${person} a appelé ${number} douze fois en dix minutes. Ce numéro est fermé pour un moment.`,
      why: 'Quelqu’un en harcèle peut-être un autre, ou un téléphone rappelle tout seul. Demandez si c’est normal. Après dix minutes, il marche de nouveau.',
      fix: '',
    },
    'use-machine': {
      title: (person) => `Nous avons arrêté les appels de ${person} vers l’extérieur\u00a0: des appels brefs vers de très nombreux numéros.`,
      why: 'Soixante numéros en une heure, quelques secondes chacun\u00a0: cela ressemble à un programme. Après une heure, cela marche de nouveau. Les secours restent joignables.',
      fix: '',
    },
    'use-row': {
      title: (person, begin) => `${person} appelle des numéros qui se suivent\u00a0: ils commencent par ${begin}.`,
      why: 'Cela ressemble à un programme qui essaie des numéros. Demandez si c’est normal.',
      fix: '',
    },
    'use-clockwork': {
      title: (person) => `Les appels de ${person} viennent comme une horloge\u00a0: toujours à la même distance et de la même durée.`,
      why: 'Cela ressemble à un programme. Demandez si c’est normal. Sinon, arrêtez les appels de cette personne.',
      fix: '',
    },
    'use-at-once': {
      title: (person, calls) => `${person} a ${calls} appels vers l’extérieur au même moment.`,
      why: 'Personne ne parle à tant de gens à la fois. Si vous ne savez pas pourquoi, arrêtez les appels de cette personne.',
      fix: '',
    },
    'use-transit': {
      title: (person, numbers) => `Des appels de l’extérieur ressortent par ${person}, vers ${numbers} numéros différents en une heure.`,
      why: 'Quelqu’un utilise peut-être vos lignes pour des inconnus, à vos frais. Ajoutez les numéros connus aux contacts\u00a0; au-delà de dix autres, nous refusons.',
      fix: '',
    },
    'use-elsewhere': {
      title: (person) => `${person} a un téléphone qui n’est pas au bureau. S’il appelle le 112, les secours ne savent pas où.`,
      why: 'La centrale n’envoie alors pas l’adresse du bureau. Dites à cette personne de dire où elle est, ou d’appeler le 112 avec un mobile.',
      fix: '',
    },
    'use-elsewhere-long': {
      title: (person) => `${person} appelle d’ailleurs depuis plus de deux semaines.`,
      why: 'Est-ce dans un autre pays\u00a0? Les numéros du bureau ne sont pas faits pour y servir longtemps\u00a0: demandez à votre opérateur. Et au 112, il faut dire où l’on est.',
      fix: '',
    },
    'use-not-heard': {
      title: (person) => `Un téléphone de ${person} cherche la centrale depuis ailleurs, et n’a pas de réponse.`,
      why: 'Hors du bureau, la centrale ne répond pas aux inconnus, sauf à qui appelle les secours. Cette personne est-elle ailleurs\u00a0? Demandez à votre installateur d’admettre les téléphones d’ailleurs. Sinon, un inconnu essaie des noms\u00a0: rien à faire.',
      fix: '',
    },
    'use-other-zone': {
      title: (number, area) => `Le numéro ${number} appartient à une autre zone que le bureau\u00a0: ${area}.`,
      why: 'Un tel numéro est fait pour sa propre zone. Demandez à votre opérateur, ou vérifiez l’indicatif du bureau.',
      fix: '',
    },
    'alarm-line-lost': {
      title: (line) => `${line} n’a pas de ligne\u00a0: son téléphone n’est pas là.`,
      why: 'Un ascenseur ou une alarme ne peut pas appeler. Vérifiez le courant et le câble.',
      fix: '',
    },
    'alarm-call-failed': {
      title: (line, number) => `Un appel de ${line} vers ${number} n’a pas abouti.`,
      why: 'Allez d’abord voir là-bas. Essayez ensuite la ligne\u00a0: ceci disparaît quand un appel aboutit.',
      fix: '',
    },
    'alarm-test-missed': {
      title: (line, hours) => `${line} n’a pas appelé pour son test : rien depuis plus de ${hours} heures.`,
      why: 'Peut-être cet ascenseur ou cette alarme ne peut plus appeler. Essayez la ligne. Ceci disparaît dès qu’un appel aboutit.',
      fix: '',
    },
    'use-line-narrow': {
      title: (_, calls) => `Votre ligne internet supporte ${calls} appels à la fois, et votre contrat en permet plus.`,
      why: 'Chaque appel prend 100 kbit/s dans les deux sens. Qui appelle quand la ligne est pleine entend la tonalité d’occupation. Demandez une ligne plus rapide, ou moins d’appels dans le contrat.',
      fix: '',
    },
    'use-line-loses': {
      title: (_, calls) => `Avec ${calls} appels à la fois, trop de son se perd en venant du fournisseur.`,
      why: 'On l’a entendu dans deux appels. Peut-être la ligne internet est-elle trop lente, ou autre chose l’utilise. Indiquez dans les réglages sa vraie vitesse : nous ne laisserons alors pas passer plus d’appels qu’elle n’en supporte.',
      fix: '',
    },
    'lan-router-posed': {
      title: (_box: string, device: string) => `Quelqu’un sur votre réseau se fait passer pour votre routeur : l’appareil ${device}.`,
      why: 'Il peut lire et changer ce qui va vers internet. Cherchez l’appareil qui a cette adresse et débranchez-le, ou appelez votre installateur aujourd’hui. Les appels chiffrés restent secrets.',
      fix: '',
    },
    'lan-router-changed': {
      title: 'Votre routeur est un autre appareil qu’avant.',
      why: 'En avez-vous un nouveau ? Alors tout va bien, et ceci disparaît après un jour. Sinon, appelez votre installateur.',
      fix: '',
    },
    'lan-phones-posed': {
      title: (_machine: string, names: string) => `Un seul appareil sur votre réseau se fait passer pour les téléphones de ${names}.`,
      why: 'Les appels non chiffrés peuvent y être écoutés. Cherchez l’appareil qui a cette adresse et débranchez-le. Un nouveau répéteur wifi peut faire la même chose.',
      fix: '',
    },
    'lan-address-shared': {
      title: (person: string, address: string) => `Deux appareils utilisent la même adresse que le téléphone de ${person} : ${address}.`,
      why: 'Des appels peuvent échouer. Redémarrez les deux, ou laissez le routeur donner toutes les adresses. L’autre appareil n’est pas à vous ? Débranchez-le.',
      fix: '',
    },
    'lan-phone-moved': {
      title: (phone: string, network: string) => `${phone} est sur un autre réseau qu’avant : ${network}.`,
      why: 'Quelqu’un l’a-t-il déplacé ? Dites alors à votre opérateur où il est, car les secours vont à l’adresse du bureau. Sinon, cherchez-le.',
      fix: '',
    },
    'lan-scans-outside': {
      title: (machine: string, person: string) => `Un appareil du bureau cherche des centraux téléphoniques ailleurs : ${machine}${person === '' ? '' : ` (${person})`}.`,
      why: 'Rien n’est sorti par ce boîtier. Mais il peut avoir d’autres voies, et un programme peut y faire du mal : débranchez-le du réseau et faites-le vérifier.',
      fix: '',
    },
  },
  alarmLines: {
    title: 'Ascenseurs et alarmes',
    sentence: 'Des lignes qui appellent elles-mêmes à l’aide, même quand tous les autres appels sont arrêtés.',
    last: (when) => `Dernier appel ${when}`,
    never: 'N’a pas encore appelé',
    tests: (hours) => `se teste au moins toutes les ${hours} heures`,
  },
  sound: {
    stopped: 'Le son s’est coupé',
    from: (name) => `Avant la fin, plus aucun son ne venait de ${name}.`,
    to: (name) => `Avant la fin, plus aucun son n’arrivait chez ${name}.`,
  },
  malicious: 'Appel malveillant',
  marks: 'Signale le dernier appel comme malveillant',
};
