import type { Stops } from './stops.en';

export const stops: Stops = {
  title: 'Arrêter les appels',
  sentence: 'Quelqu’un abuse de vos téléphones ? Arrêtez ici tout de suite les appels, aussi ceux en cours. Le 112, les lignes d’aide et les collègues restent joignables.',
  what: {
    outgoing: { name: 'Appels vers l’extérieur', on: 'Les appels vers l’extérieur sont arrêtés.', hint: 'Personne ne peut appeler à l’extérieur. On peut encore vous appeler.' },
    abroad: { name: 'Appels à l’étranger', on: 'Les appels à l’étranger sont arrêtés.', hint: 'Les appels dans votre pays continuent.' },
  },
  person: {
    title: 'Quelqu’un abuse de ce téléphone ?',
    sentence: 'Alors cette personne n’appelle plus que ses collègues et le 112, pour l’instant. Personne de l’extérieur ne peut l’appeler non plus.',
    button: (name) => `Seulement les collègues pour ${name}`,
    name: (name) => `${name} : seulement les collègues`,
    on: (name) => `${name} ne peut appeler que ses collègues.`,
  },
  always: 'Le 112 fonctionne.',
  since: (when) => `Depuis ${when}.`,
  see: 'Voir',
  press: 'Arrêter maintenant',
  release: 'Permettre de nouveau',
  releaseTitle: (what) => `${what} : permettre de nouveau ?`,
  releaseSentence: 'Faites-le quand l’abus est terminé. Votre mot de passe montre que c’est vous.',
  password: 'Votre mot de passe',
  known: { 'no-such-stop': 'Ceci ne s’arrête pas ici. Rechargez la page.' },
};
