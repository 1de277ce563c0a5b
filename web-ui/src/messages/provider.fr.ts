import type { providerProblems as rule } from './provider.en';

const gone = (who: string, what: string, elsewhere: boolean) =>
  elsewhere
    ? `${who} ${what}, donc les numéros de là ne sonnent pas. Les appels vers l’extérieur passent par un autre opérateur.`
    : `${who} ${what}. Les appels vers l’extérieur ne passent pas.`;
const lost = (what: string, elsewhere: boolean) => (elsewhere ? what : `${what} Un appel n’a pas pu passer.`);

export const providerProblems = {
  'trunk-refused': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'refuse le central', elsewhere),
    why: 'Le nom d’utilisateur ou le mot de passe est sans doute inexact. Comparez-les avec la lettre de l’opérateur.',
    fix: 'Vérifier les données',
  },
  'trunk-unreachable': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'est injoignable', elsewhere),
    why: 'L’internet ou l’opérateur est en panne. Nous réessayons sans cesse.',
    fix: 'Voir l’opérateur',
  },
  'provider-suspended': {
    title: (who: string, _detail: string, elsewhere: boolean) => gone(who, 'a bloqué votre compte', elsewhere),
    why: 'L’opérateur le dit lui-même. C’est souvent une facture impayée, ou un soupçon d’abus. Appelez l’opérateur. Les collègues peuvent toujours s’appeler.',
    fix: 'Voir l’opérateur',
  },
  'provider-no-credit': {
    title: (who: string, _detail: string, elsewhere: boolean) => `Il n’y a plus de crédit chez ${who}. ${elsewhere ? 'Les appels vers l’extérieur passent par un autre opérateur.' : 'Les appels vers l’extérieur ne passent pas.'}`,
    why: 'L’opérateur dit que le crédit est épuisé ou qu’un paiement manque. Payez chez lui, et les appels passeront à nouveau d’eux-mêmes.',
    fix: 'Voir l’opérateur',
  },
  'provider-refuses-number': {
    title: (who: string) => `${who} refuse le numéro que vous affichez.`,
    why: 'Vous ne pouvez afficher que les numéros que l’opérateur vous a donnés. Comparez vos numéros ici avec ceux de l’opérateur.',
    fix: 'Vérifier les numéros',
  },
  'provider-refuses-destination': {
    title: (who: string) => `${who} ne connecte pas les appels vers ce numéro.`,
    why: 'Beaucoup d’opérateurs bloquent les numéros chers ou étrangers tant qu’on ne les demande pas. Demandez à l’opérateur de l’ouvrir, si vous voulez y appeler.',
    fix: '',
  },
  'provider-full': {
    title: (who: string, _detail: string, elsewhere: boolean) => lost(`Toutes les lignes chez ${who} étaient prises.`, elsewhere),
    why: 'Votre contrat permet un certain nombre d’appels en même temps. Si cela arrive souvent, demandez plus de lignes à l’opérateur.',
    fix: '',
  },
  'provider-refuses-sound': {
    title: (who: string) => `${who} et le central ne s’accordent pas sur le son.`,
    why: 'L’opérateur n’a pas accepté les sortes de son, ou le chiffrement, que le central proposait. Montrez ceci à votre installateur.',
    fix: 'Voir l’opérateur',
  },
  'provider-fault': {
    title: (who: string, _detail: string, elsewhere: boolean) => lost(`${who} a une panne.`, elsewhere),
    why: 'L’opérateur répond, mais dit qu’il ne peut pas connecter d’appels maintenant. Réessayez plus tard. Si cela dure, appelez l’opérateur.',
    fix: '',
  },
  'provider-moved': {
    title: (who: string) => `L’adresse internet de ${who} mène à un autre endroit.`,
    why: 'Le central reste à l’endroit qui marchait tant qu’il répond. Un opérateur déménage parfois : demandez-le-lui. S’il n’a pas déménagé, quelqu’un se fait peut-être passer pour lui et pourrait écouter les appels.',
    fix: '',
  },
  'provider-private': {
    title: (who: string) => `L’adresse internet de ${who} mène à un réseau privé.`,
    why: 'Un opérateur s’y trouve rarement. Peut-être votre routeur, ou quelqu’un sur votre réseau, répond à sa place. Le central reste à l’endroit qui marchait tant qu’il répond. Appelez votre installateur.',
    fix: '',
  },
  'router-rewrites': {
    title: 'Votre routeur internet modifie les appels.',
    why: 'Ils peuvent être muets ou coupés. Demandez à votre installateur de désactiver dans le routeur ce qui est indiqué ci-dessous. Ce message disparaît ensuite de lui-même.',
    fix: 'Voir quoi faire',
  },
  'router-may-rewrite': {
    title: 'Votre routeur internet modifie peut-être les appels.',
    why: 'Quelque chose s’est perdu ou a changé en route vers l’opérateur, ce qui peut aussi venir d’ailleurs. Si cela se répète, demandez à votre installateur de désactiver dans le routeur ce qui est indiqué ci-dessous.',
    fix: 'Voir quoi faire',
  },
  'router-passed': {
    title: 'Votre routeur internet modifie les appels. Le boîtier le contourne.',
    why: 'Les appels passent maintenant sans être modifiés. Désactiver dans le routeur ce qui est indiqué ci-dessous reste mieux.',
    fix: 'Voir quoi faire',
  },
  'deck-old': {
    title: (who: string) => `Les prix chez ${who} sont trop anciens.`,
    why: 'Chaque appel compte de nouveau au prix habituel le plus élevé. Une limite est donc atteinte plus tôt. Choisissez une nouvelle liste de prix de votre opérateur.',
    fix: 'Voir les prix',
  },
  'phone-path-rewrites': {
    title: (subject: string) => `Quelque chose entre ${subject} et le central modifie les appels.`,
    why: 'Les appels de cet appareil peuvent être muets, coupés ou ne pas sonner. C’est le plus souvent un deuxième routeur, ou un switch réseau avec une fonction de téléphonie. Demandez à votre installateur de raccorder l’appareil sans lui, ou de désactiver cette fonction.',
    fix: '',
  },
  'phone-path-may-rewrite': {
    title: (subject: string) => `Quelque chose entre ${subject} et le central modifie peut-être les appels.`,
    why: 'Quelque chose de cet appareil s’est perdu ou a changé en route, ce qui peut aussi venir d’ailleurs. Si cela se répète, demandez à votre installateur de chercher un deuxième routeur, ou un switch réseau avec une fonction de téléphonie.',
    fix: '',
  },
  'phone-messages-healed': {
    title: (subject: string) => `Le central a réparé des messages abîmés de ${subject}. Les appels passent.`,
    why: 'Quelque chose entre cet appareil et le central abîme ce qu’il dit. Vous n’avez rien à faire maintenant\u00a0; votre installateur pourra chercher la cause plus tard.',
    fix: '',
  },
} satisfies typeof rule;
