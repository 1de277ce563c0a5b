import type { Encryption } from './encryption.en';

export const encryption: Encryption = {
  title: (phone) => `Chiffrement de ${phone}`,
  sentence: 'Certains téléphones cherchent leurs réglages en sécurité, puis ne savent pas appeler avec chiffrement. Un tel téléphone n’est jamais prêt.',
  without: 'Ce téléphone appelle sans chiffrement',
  warning: 'Qui écoute votre réseau entend alors ses appels et voit qui il appelle. Son mot de passe reste sûr.',
  restart: 'Débranchez ensuite le téléphone et rebranchez-le\u00a0: il ne l’apprend qu’au démarrage.',
};
