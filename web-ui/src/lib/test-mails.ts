import type { SentMail } from '$lib/api/types';

/** Whether it is known of every mail of a test what became of it, when the test was asked for after `before` (milliseconds, by the clock of the box). */
export const isTestOver = (mails: readonly SentMail[], before: number): boolean => {
  const test = mails.filter((mail) => mail.about === 'test' && mail.made > before);
  return test.length > 0 && test.every((mail) => mail.sent !== undefined || mail.fault !== undefined);
};
