import { counter } from '$lib/plural';
import type { Paper } from './paper.en';

const count = counter('fr-BE');
const calls = (n: number) => count(n, { one: '# appel', other: '# appels' });

export const paper = {
  download: {
    title: 'Télécharger les appels',
    sentence: 'Vous recevez une ligne par appel, pour un tableur. Laissez les jours vides pour tous les appels.',
    from: 'Premier jour',
    to: 'Dernier jour',
    reversed: 'Le dernier jour est avant le premier. Choisissez-en un plus tard.',
    hide: 'Cacher les numéros et les noms',
    hideHint: 'Chaque numéro devient un autre mot, le même dans tout le fichier. Personne ne peut y retrouver le numéro.',
    button: 'Télécharger',
  },
  bill: {
    title: 'Comparer avec la facture',
    sentence: 'Le central note lui-même chaque appel. Donnez-lui la liste de votre opérateur et voyez ce qui diffère.',
    back: 'Vers tous les appels',
    file: 'La liste de l’opérateur',
    fileHint: 'Un fichier CSV avec le numéro, la date et la durée de chaque appel. Il est avec la facture sur le site de votre opérateur.',
    choose: 'Choisir la liste',
    private: 'La liste reste dans le central et n’est pas conservée.',
    comparing: 'Le central compare…',
    allRight: (n) => `Tout est juste : ${calls(n)} sur la facture, et le central les a tous faits.`,
    nothing: 'Il n’y a sur cette liste aucun appel que nous pouvons comparer.',
    differs: (n) => count(n, { one: '# différence', other: '# différences' }),
    matched: (n) => count(n, { one: '# appel est juste.', other: '# appels sont justes.' }),
    leftOut: (n) =>
      count(n, {
        one: '# ligne parle d’un appel reçu ou gratuit. Elle n’a pas été comparée.',
        other: '# lignes parlent d’appels reçus ou gratuits. Elles n’ont pas été comparées.',
      }),
    onlyBilled: (n) => `Sur la facture, mais pas faits ici : ${calls(n)}`,
    onlyBilledSentence: 'Demandez à votre opérateur ce que c’est. Le central n’a aucun appel vers ce numéro à ce moment.',
    different: (n) => `Autrement sur la facture : ${calls(n)}`,
    differentSentence: 'Les deux connaissent ces appels, mais la durée ou le prix n’est pas le même.',
    onlyHere: (n) => `Faits ici, mais pas sur la facture : ${calls(n)}`,
    onlyHereSentence: 'Vous ne les payez pas sur cette facture. Ils sont peut-être sur la suivante.',
    unread: (n) => count(n, { one: '# ligne n’a pas pu être lue', other: '# lignes n’ont pas pu être lues' }),
    unreadSentence: 'Toutes les autres lignes ont été comparées.',
    line: (n) => `ligne ${String(n)}`,
    onBill: (what) => `Facture : ${what}`,
    onBox: (what) => `Central : ${what}`,
    showAll: (n) => `Afficher les ${String(n)}`,
    reasons: {
      torn: 'La ligne n’est pas complète',
      number: 'Le numéro manque ou n’est pas complet',
      start: 'La date ou l’heure n’est pas claire',
      length: 'La durée n’est pas claire',
      price: 'Le prix n’est pas clair',
    },
    proof: (sequence) => `Preuve : le dernier appel a le numéro ${String(sequence)} et cette empreinte`,
    refused: {
      'bill-no-header':
        'Nous ne trouvons pas de ligne avec les noms des colonnes. Il faut le numéro, la date et la durée.',
      'bill-not-text': 'Ce n’est pas un fichier CSV. Ouvrez-le dans un tableur et enregistrez-le en CSV.',
      'bill-too-long': 'Cette liste est trop longue. Donnez-nous un mois à la fois.',
      'too-large': 'Ce fichier est trop grand. Donnez-nous un mois à la fois.',
    },
  },
} satisfies Paper;
