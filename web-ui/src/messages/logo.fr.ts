import type { logo as rule } from './logo.en';

export const logo: typeof rule = {
  title: 'Logo sur les téléphones',
  sentence: 'Les téléphones à écran couleur l’affichent au milieu. Cela prend quelques secondes.',
  choose: 'Choisir une image',
  another: 'Choisir une autre image',
  hint: 'Un fichier PNG, JPEG ou WebP. S’il est grand, nous le réduisons.',
  remove: 'Enlever le logo',
  alt: 'Le logo que vous avez choisi',
  missing: 'Les réglages nomment un logo, mais son image n’est pas dans ce standard. Choisissez-la à nouveau.',
  unreadable: 'Ce fichier n’est pas une image que nous pouvons lire. Choisissez un fichier PNG, JPEG ou WebP.',
};
