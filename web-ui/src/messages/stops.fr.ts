import type { Stops } from './stops.en';

export const stops: Stops = {
  title: 'Arrêter les appels',
  sentence: 'Quelqu’un abuse de vos téléphones ? Arrêtez ici tout de suite les appels, aussi ceux en cours. Le 112, les lignes d’aide et les collègues restent joignables.',
  what: {
    outgoing: { name: 'Appels vers l’extérieur', on: 'Les appels vers l’extérieur sont arrêtés.', hint: 'Personne ne peut appeler à l’extérieur. On peut encore vous appeler.' },
    abroad: { name: 'Appels à l’étranger', on: 'Les appels à l’étranger sont arrêtés.', hint: 'Les appels dans votre pays continuent.' },
  },
  misused: 'Quelqu’un abuse de ce téléphone ?',
  person: {
    sentence: 'Alors cette personne n’appelle plus que ses collègues et le 112, pour l’instant. Personne de l’extérieur ne peut l’appeler non plus.',
    button: (name) => `Seulement les collègues pour ${name}`,
    name: (name) => `${name} : seulement les collègues`,
    on: (name) => `${name} ne peut appeler que ses collègues.`,
  },
  paid: {
    sentence: 'Ou arrêtez seulement les appels chers : à l’étranger, et vers les numéros surtaxés. Le central le fait de lui-même quand des appels ressemblent à un abus.',
    button: (name) => `Pas d’appels chers pour ${name}`,
    name: (name) => `${name} : appels chers`,
    on: (name) => `${name} ne peut pas appeler l’étranger, ni les numéros surtaxés.`,
  },
  always: 'Le 112 fonctionne.',
  since: (when) => `Depuis ${when}.`,
  see: 'Voir',
  press: 'Arrêter maintenant',
  release: 'Permettre de nouveau',
  releaseTitle: (what) => `${what} : permettre de nouveau ?`,
  releaseSentence: 'Faites-le quand l’abus est terminé. Votre mot de passe montre que c’est vous.',
  phone: {
    title: 'Avec un téléphone au bureau',
    sentence: 'Vous n’arrivez pas à cette page, ou elle vous fait attendre ? Composez un code sur un téléphone au bureau. Vous entendez un bip : tapez le code PIN, puis la touche dièse. Des notes qui montent disent que c’est fait.',
    codes: {
      '*92': 'Arrêter les appels vers l’extérieur',
      '*93': 'Arrêter les appels à l’étranger',
      '*90': 'Permettre de nouveau ces appels',
      '*91': 'Nous laisser tout de suite nous connecter ici',
    },
    set: 'Il y a un code PIN : les codes marchent.',
    unset: 'Il n’y a pas encore de code PIN : les codes ne font rien.',
    pin: 'Nouveau code PIN',
    hint: 'Six à dix chiffres que personne ne devine. Donnez-les seulement à qui peut arrêter les appels.',
    remove: 'Retirer le code PIN',
    known: {
      'pin-malformed': 'Un code PIN a six à dix chiffres.',
      'pin-weak': 'Ce code PIN est trop facile à deviner : pas de suite comme 123456, et rien de répété.',
    },
  },
  known: { 'no-such-stop': 'Ceci ne s’arrête pas ici. Rechargez la page.' },
};
