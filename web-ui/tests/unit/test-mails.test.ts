import { describe, expect, it } from 'vitest';
import type { SentMail } from '../../src/lib/api/types';
import { isTestOver } from '../../src/lib/test-mails';

const mail = (made: number, fate: Partial<SentMail> = {}): SentMail => ({
  about: 'test',
  recipient: 'owner@example.org',
  made,
  ...fate,
});

describe('a test of the mail', () => {
  it('is not over because one of before was', () => {
    expect(isTestOver([mail(10, { sent: 11 })], 10)).toBe(false);
    expect(isTestOver([], 10)).toBe(false);
  });

  it('is over when it is known of every mail what became of it', () => {
    const first = mail(20, { sent: 21 });
    expect(isTestOver([first, mail(20), mail(10, { sent: 11 })], 10)).toBe(false);
    expect(isTestOver([first, mail(20, { fault: 'unreachable', next: 80 })], 10)).toBe(true);
  });
});
