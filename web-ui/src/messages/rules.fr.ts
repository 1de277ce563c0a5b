import type { Rules } from './rules.en';

export const rules: Rules = {
  title: 'Comment nous utilisons les téléphones',
  sentence: 'Lisez ceci une fois, et de nouveau si le texte change. Les appels continuent pendant ce temps, aussi vers le 112.',
  usual: `Utilisez les téléphones pour le travail du bureau. De courts appels privés sont permis si le bureau les accepte.

Ne donnez votre mot de passe, un code ou un code PIN à personne, même pas à quelqu’un qui dit travailler pour l’opérateur.

N’appelez pas de numéros surtaxés, ni de pays dont vous n’avez pas besoin pour votre travail. Le bureau paie chaque appel, aussi ceux d’un voleur.

Ne vous faites pas passer pour quelqu’un d’autre, et ne dérangez pas les gens avec des appels qu’ils ne veulent pas.

Les appels vers le 112 marchent toujours. N’appelez jamais le 112 pour essayer.

Le central note qui a appelé qui, quand et combien de temps, pour vérifier les factures et arrêter les voleurs. Il n’écoute pas.

Vous voyez des appels que personne n’a faits ? Dites-le tout de suite à la personne qui s’occupe des téléphones.`,
  accept: 'J’ai lu ceci et je le respecte',
  setting: {
    title: 'Règles d’utilisation',
    sentence: 'Chacun lit ceci à la première connexion, et de nouveau si vous le changez. Le journal dit qui l’a accepté et quand.',
    text: 'Votre propre texte',
    textHint: 'Laissez vide pour le texte habituel, qui existe en trois langues.',
    usual: 'Le texte habituel',
    refused: {
      'rules-too-long': 'Ce texte est trop long. Il a au plus 4 000 caractères.',
      'rules-malformed': 'Ce texte contient un signe qu’une page ne peut pas montrer. Tapez-le de nouveau.',
    },
  },
};
