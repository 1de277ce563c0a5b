/** The words of conference rooms. Loaded with the settings. */
import { counter } from '$lib/plural';

const count = counter('en-GB');

export const rooms = {
  title: 'Meeting rooms',
  sentence: 'A number that several people call to talk together.',
  none: 'No meeting rooms yet.',
  add: 'Add a meeting room',
  edit: 'Change',
  editTitle: (name: string) => `Change ${name}`,
  remove: (name: string) => `Remove ${name}`,
  inIt: (n: number) => count(n, { one: '# person in it now', other: '# people in it now' }),
  empty: 'Nobody is in it',
  pin: 'PIN',
  pinHint: '4 to 10 digits. Everybody who calls the number must type it. Leave it empty for no PIN.',
  pinKept: 'There is a PIN. Type another one to change it.',
  noPin: 'Without a PIN',
  outside: 'People from outside may call in',
  outsideHint: 'Only with the PIN, and only while a colleague is in the room. Choose under “Numbers” which number leads here.',
  refused: {
    'pin-malformed': 'A PIN is 4 to 10 digits.',
    'pin-weak': 'This PIN is easy to guess. Choose another one.',
    'pin-needed': 'People from outside need a PIN. Type one.',
    'room-closed': 'A number from outside still leads to this room. Let it ring somebody else first.',
  } as Record<string, string>,
};

export type Rooms = typeof rooms;
