import type { Room } from './room.en';

export const room: Room = {
  menu: 'Ruimte',
  title: (phone: string) => `Waar staat ${phone}?`,
  sentence: 'Zeg waar het toestel staat, dan vindt wie het herstelt het ook.',
  room: 'Ruimte of plek',
};
