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
    'port-refused': {
      title: 'Certains téléphones n’atteignent peut-être pas le central.',
      why: 'Un autre programme de cette machine utilise une adresse dont le central a besoin.',
      fix: '',
    },
    'no-provider': {
      title: 'Vous ne pouvez pas encore appeler l’extérieur.',
      why: 'Les collègues peuvent s’appeler. Connectez un opérateur pour appeler tout le monde.',
      fix: 'Connecter l’opérateur',
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
    'in-use': 'Ceci est encore utilisé ailleurs. Modifiez cela d’abord.',
  },
  unknown: 'Le central n’accepte pas ceci.',
  empty: (field: string) => `${field}\u00a0: ce champ est vide. Remplissez-le.`,
} satisfies typeof fieldsRule;
