import type { Encryption } from './encryption.en';

export const encryption: Encryption = {
  title: (phone) => `Versleuteling van ${phone}`,
  sentence: 'Sommige toestellen halen hun instellingen veilig op en kunnen daarna niet met versleuteling bellen. Zo’n toestel komt nooit klaar.',
  without: 'Dit toestel belt zonder versleuteling',
  warning: 'Wie op je netwerk meeluistert, hoort dan de gesprekken en ziet met wie. Het wachtwoord blijft veilig.',
  restart: 'Haal daarna de stekker uit het toestel en steek die er weer in: het hoort dit pas als het start.',
};
