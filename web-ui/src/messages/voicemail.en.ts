/** A person's voicemail. */
export const voicemail = {
  title: 'Voicemail',
  sentence: 'Who gets no answer can leave a message.',
  on: 'Callers can leave a message',
  onHint: 'They hear a few notes and a beep. Dial *97 on the phone to listen: 1 plays it again, 2 goes on, 7 deletes it.',
  after: 'After how long?',
  seconds: (seconds: number) => `${seconds} seconds`,
  messages: 'Messages',
  none: 'There are no messages.',
  kept: (days: number) => `A message stays for ${days} days at most.`,
  fresh: 'New',
  play: (who: string) => `Message from ${who}`,
  remove: 'Delete',
  removeTitle: (who: string) => `Delete the message from ${who}?`,
  removeSentence: 'It cannot be brought back.',
  removeButton: 'Delete message',
  refused: { 'no-mailbox': 'A number leads to this voicemail outside office hours. Choose something else for that number first, under Settings.' },
};
