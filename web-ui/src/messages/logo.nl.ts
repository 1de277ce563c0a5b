import type { logo as rule } from './logo.en';

export const logo: typeof rule = {
  title: 'Logo op de toestellen',
  sentence: 'Toestellen met een kleurenscherm tonen het in het midden. Dat duurt een paar tellen.',
  choose: 'Kies een plaatje',
  another: 'Kies een ander plaatje',
  hint: 'Een PNG-, JPEG- of WebP-bestand. Is het groot, dan maken we het kleiner.',
  remove: 'Logo weghalen',
  alt: 'Het logo zoals je het koos',
  missing: 'De instellingen noemen een logo, maar het plaatje zit niet in deze centrale. Kies het opnieuw.',
  unreadable: 'Dit bestand is geen plaatje dat we kunnen lezen. Kies een PNG-, JPEG- of WebP-bestand.',
};
