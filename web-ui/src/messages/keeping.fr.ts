import type { Keeping } from './keeping.en';

export const keeping: Keeping = {
  retention: {
    title: 'Combien de temps nous gardons les choses',
    sentence: 'Tout reste sur le central. Ce qui est plus ancien s’en va tout seul. Si vous choisissez moins, rien ne s’en va pendant un jour.',
    calls_days: 'Appels',
    incidents_days: 'Ce qui a été tenté contre le bureau',
    log_days: 'Le journal de qui a fait quoi',
    messages_days: 'Messages des boîtes vocales',
    days: (least: number, most: number) => `En jours, de ${String(least)} à ${String(most)}.`,
    refused: { 'days-out-of-range': 'C’est trop court ou trop long : la loi et un litige sur une facture fixent ces limites.' },
  },
  secrets: {
    title: 'Quelqu’un a un mot de passe de vos téléphones ?',
    sentence: 'Changez-les alors tous à la fois. Chaque téléphone prend lui-même son nouveau mot de passe, et un téléphone éteint le fait à son retour. Les anciens mots de passe ne marchent plus dès maintenant.',
    byHand: 'Avez-vous tapé vous-même un mot de passe dans un téléphone ou une application ? Donnez-lui ensuite un nouveau, sous Équipe.',
    button: 'Changer tous les mots de passe',
    done: (phones: number) => `C’est fait. Téléphones qui prennent un nouveau mot de passe : ${String(phones)}.`,
    report: 'Le rapport pour l’opérateur',
  },
  wipe: {
    title: 'Le central quitte le bureau ?',
    sentence: 'Tout ce qu’il garde est détruit : le bureau, les mots de passe, les appels, les messages et les journaux. Ensuite il démarre comme neuf. Personne ne peut annuler cela.',
    help: 'Tous les appels s’arrêtent, aussi un appel au 112. Jusqu’à ce que quelqu’un règle de nouveau le central, personne ne peut appeler avec ces téléphones, pas même le 112.',
    phrase: (name: string) => `Tapez le nom du bureau : ${name}`,
    button: 'Tout détruire',
    done: 'Cela commence. Dans une minute le central attend d’être réglé.',
    known: { 'phrase-wrong': 'Ce n’est pas le nom du bureau.' },
  },
  abuse: {
    title: 'Où l’opérateur veut les signalements d’abus',
    sentence: 'Cela figure dans chaque rapport que vous téléchargez. Vous le trouvez dans les conditions de l’opérateur.',
    name: 'Nom',
    address: 'Adresse e-mail, par exemple abuse@operateur.be',
    days: 'Répond en combien de jours ?',
    refused: {
      'mail-address-malformed': 'Ce n’est pas une adresse e-mail. Elle ressemble à abuse@operateur.be.',
      'days-out-of-range': 'Ce n’est pas un nombre de jours. Choisissez de 1 à 90.',
      'name-empty': 'Le nom est vide. Écrivez un nom.',
    },
  },
};
