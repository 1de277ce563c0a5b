/** The words of a phone's encryption. Loaded when somebody opens it. */
export const encryption = {
  title: (phone: string) => `Encryption of ${phone}`,
  sentence: 'Some phones fetch their settings safely, and then cannot call with encryption. Such a phone never becomes ready.',
  without: 'This phone calls without encryption',
  warning: 'Whoever listens on your network then hears its calls and sees whom it calls. Its password stays safe.',
  restart: 'Unplug the phone after that and plug it in again: it only hears of it when it starts.',
};

export type Encryption = typeof encryption;
