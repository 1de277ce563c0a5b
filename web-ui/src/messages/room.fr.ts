import type { Room } from './room.en';

export const room: Room = {
  menu: 'Pièce',
  title: (phone: string) => `Où est ${phone}\u00a0?`,
  sentence: 'Dites où il se trouve, pour que celui qui le répare le trouve.',
  room: 'Pièce ou endroit',
};
