import { counter } from '$lib/plural';
import type { Softphone } from './softphone.en';

const count = counter('fr-BE');

export const softphone: Softphone = {
  once: 'Une application ne connaît pas encore ce central. Le code lui envoie donc le compte sans chiffrement, une seule fois et seulement sur votre propre réseau. Ensuite, tout est chiffré.',
  listening: (name) => `Qui écoute votre réseau à ce moment-là pourrait appeler au nom de ${name}. Utilisez un réseau avec mot de passe, et non celui des invités.`,
  trusts: 'L’application fait déjà confiance à ce central',
  trustsHint: 'Seulement si votre installateur a mis le certificat du central dans l’application. Alors tout est chiffré dès le début.',
  show: 'Afficher le code',
  steps: [
    'Installez Linphone sur le mobile ou l’ordinateur.',
    'Connectez-le au réseau du bureau.',
    'Choisissez «\u00a0Récupérer une configuration distante\u00a0» dans Linphone.',
    'Scannez ce code ou copiez l’adresse.',
  ],
  expires: (minutes) => `Le code fonctionne une seule fois, pendant ${count(minutes, { one: '# minute', other: '# minutes' })}.`,
  failed: 'Linphone dit que cela n’a pas marché\u00a0? Regardez la liste des téléphones. Si une application qui n’est pas à vous y est apparue, supprimez-la.',
  address: 'Adresse de configuration',
  qrAlt: 'Code QR avec l’adresse de configuration',
};
