import type { fields as fieldsRule, problems as problemsRule } from './problems.en';

export const problems = {
  known: {
    'trunk-refused': {
      title: 'L’opérateur refuse le central. Les appels vers l’extérieur ne passent pas.',
      why: 'Le nom d’utilisateur ou le mot de passe est sans doute inexact. Comparez-les avec la lettre de l’opérateur.',
      fix: 'Vérifier les données',
    },
    'trunk-unreachable': {
      title: 'L’opérateur est injoignable. Les appels vers l’extérieur ne passent pas.',
      why: 'L’internet ou l’opérateur est en panne. Nous réessayons sans cesse.',
      fix: 'Voir l’opérateur',
    },
    'phone-password-stale': {
      title: (subject: string) => `${subject} utilise encore un ancien mot de passe.`,
      why: 'Les appels reprennent dès qu’il a le nouveau.',
      fix: 'Lui envoyer le nouveau',
    },
    'phone-keys-in-clear': {
      title: (subject: string) => `${subject} ne peut pas appeler\u00a0: il chiffre le son, mais pas le reste.`,
      why: 'Ses clés seraient lisibles sur le réseau, donc le central ne les accepte pas. Passez-le en TLS, ou désactivez SRTP.',
      fix: '',
    },
    'port-refused': {
      title: 'Certains appels sont peut-être muets.',
      why: 'Un autre programme de cette machine occupe un port dont le central a besoin pour le son.',
      fix: '',
    },
    'dhcp-not-allowed': {
      title: 'Le central ne peut pas indiquer son adresse aux postes par DHCP.',
      why: 'C’est activé, mais le programme n’a pas le droit d’utiliser ce port (il lui manque CAP_NET_BIND_SERVICE).',
      fix: '',
    },
    'dhcp-port-taken': {
      title: 'Le central ne peut pas indiquer son adresse aux postes par DHCP.',
      why: 'Un autre serveur DHCP tourne sur cette machine. Inscrivez-y l’adresse du central, ou arrêtez-le.',
      fix: '',
    },
    'no-provider': {
      title: 'Vous ne pouvez pas encore appeler l’extérieur.',
      why: 'Les collègues peuvent s’appeler. Connectez un opérateur pour appeler tout le monde.',
      fix: 'Connecter l’opérateur',
    },
    'device-token-misused': {
      title: (subject: string) => `${subject} est verrouillé, car autre chose a utilisé son accès.`,
      why: 'Remettez le téléphone aux réglages d’usine et utilisez-le à nouveau.',
      fix: 'Voir les téléphones',
    },
    'device-certificate-differs': {
      title: (subject: string) => `Quelque chose se fait passer pour ${subject}. Rien n’a été donné.`,
      why: 'Cherchez un appareil inconnu sur le réseau.',
      fix: '',
    },
    'device-user-agent-differs': {
      title: (subject: string) => `Quelque chose a demandé l’annuaire de ${subject} sous un autre nom. Rien n’a été donné.`,
      why: 'Cherchez un appareil inconnu sur le réseau.',
      fix: '',
    },
    'device-neighbour-differs': {
      title: (subject: string) => `Quelque chose se fait passer pour ${subject}. Rien n’a été donné.`,
      why: 'Cherchez un appareil inconnu sur le réseau.',
      fix: '',
    },
    'device-asks-again': {
      title: (subject: string) => `${subject} demande à être configuré à nouveau.`,
      why: 'A-t-il été réinitialisé\u00a0? Alors utilisez-le à nouveau. Sinon, cherchez qui l’a fait.',
      fix: 'Voir les téléphones',
    },
    'device-plain-http': {
      title: (subject) => `Les réglages de ${subject} passent sans protection sur le réseau.`,
      why: 'C’est permis parce que ce téléphone est trop vieux pour mieux. Remplacez-le quand vous pourrez.',
      fix: 'Voir les téléphones',
    },
    'device-moved': {
      title: (subject: string) => `${subject} demande depuis un autre endroit qu’avant.`,
      why: 'L’avez-vous déplacé\u00a0? Alors utilisez-le à nouveau. Sinon, cherchez qui a fait cela.',
      fix: 'Voir les téléphones',
    },
    'provisioning-guessing': {
      title: 'Un appareil du réseau essaie de deviner les réglages des téléphones.',
      why: 'Il n’a rien reçu. Cherchez quel appareil c’est.',
      fix: '',
    },
  },
  unknown: {
    title: 'Un point demande votre attention.',
    why: 'Montrez ceci à votre installateur.',
  },
  severity: {
    'calls-fail': 'Les appels ne passent pas',
    warning: 'Un problème se prépare',
    note: 'Bon à savoir',
  },
  aPhone: 'Un téléphone',
  phoneOf: (name: string) => `Le téléphone de ${name}`,
} satisfies typeof problemsRule;

export const fields = {
  known: {
    'no-connection': 'Le central ne répond pas. Vérifiez que cet appareil est sur le réseau du bureau, puis réessayez.',
    'wrong-code': 'Ce n’est pas le code du central. Regardez le code et recopiez-le en entier.',
    'wrong-password': 'Ce n’est pas le mot de passe. Vérifiez les majuscules et réessayez.',
    wait: 'Il y a eu trop d’essais. Attendez un instant.',
    'password-too-short': 'Ce mot de passe est trop court. Prenez au moins 12 caractères.',
    'already-set-up': 'Le central est déjà configuré. Connectez-vous avec le mot de passe.',
    'number-taken': 'Quelqu’un d’autre a ce numéro. Choisissez-en un autre.',
    'number-reserved-emergency': 'Ce numéro est réservé aux secours. Choisissez-en un autre.',
    'number-out-of-range': 'Les numéros internes vont de 200 à 699. Choisissez l’un d’eux.',
    'name-empty': 'Le nom est vide. Indiquez un nom.',
    'window-closed': 'Le central ne cherche pas de nouveaux téléphones. Cliquez sur «\u00a0Chercher des téléphones\u00a0» et réessayez.',
    'unknown-person': 'Cette personne n’est plus dans la liste. Choisissez quelqu’un d’autre.',
    'number-malformed': 'Un numéro interne ne contient que des chiffres. Tapez trois chiffres.',
    'number-reserved': 'C’est un numéro court public. Choisissez-en un autre.',
    'name-too-long': 'Ce nom est trop long. Prenez au plus 64 caractères.',
    'name-malformed': 'Ce nom contient un caractère que les téléphones n’affichent pas. Retapez-le.',
    'server-malformed': 'Ce n’est pas une adresse. Elle ressemble à sip.operateur.be.',
    'username-malformed': 'Le nom d’utilisateur est vide ou contient un espace. Recopiez-le de la lettre de l’opérateur.',
    'password-empty': 'Le mot de passe est vide. Remplissez-le.',
    'password-needed': 'L’opérateur demande un mot de passe. Remplissez-le.',
    'password-too-long': 'Ce mot de passe est trop long. Prenez au plus 128 caractères.',
    'password-malformed': 'Ce mot de passe contient un caractère que l’opérateur ne connaît pas. Retapez-le.',
    'area-code-unknown': 'Ce n’est pas un indicatif du pays. Il ressemble à 02.',
    'time-zone-malformed': 'Nous ne connaissons pas ce fuseau horaire. Choisissez-en un autre.',
    'last-member': 'C’est la seule personne d’un groupe. Ajoutez d’abord quelqu’un à ce groupe.',
    'members-empty': 'Personne ne sonnerait. Choisissez au moins une personne.',
    'still-rings': 'Un numéro extérieur sonne encore ici. Faites-le d’abord sonner chez quelqu’un d’autre.',
    'outside-number-taken': 'Un numéro y est deux fois. Retirez-en un.',
    'unknown-destination': 'Cette personne ou ce groupe n’existe plus. Choisissez-en un autre.',
    'unknown-device': 'Ce téléphone ne se manifeste plus. Redémarrez-le et réessayez.',
    'handsets-too-many': 'Cette base ne prend pas plus de combinés. Donnez un autre téléphone à cette personne.',
    'unknown-model': 'Nous ne connaissons pas encore ce modèle. Vous pouvez le configurer à la main avec un mot de passe de la page Équipe.',
    'not-found': 'Ceci n’existe plus. Rechargez la page.',
    'changed-meanwhile': 'Quelqu’un d’autre a modifié le bureau au même moment. Regardez à nouveau et enregistrez encore une fois.',
    'disk-full': 'Le disque du central est plein, rien n’a été enregistré. Montrez ceci à votre installateur.',
    fault: 'Le central n’a pas pu le faire. Réessayez\u00a0; son journal dit pourquoi à votre installateur.',
  },
  unknown: 'Le central n’accepte pas ceci.',
} satisfies typeof fieldsRule;
