/** The words of where a phone stands. Its shape is the rule for the other languages. */
export const room = {
  menu: 'Room',
  title: (phone: string) => `Where is ${phone}?`,
  sentence: 'Say where it stands, so that whoever mends it finds it.',
  room: 'Room or place',
};

export type Room = typeof room;
