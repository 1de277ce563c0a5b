/** What a problem is about, read from its subject: a phone's address, a person's number, or the name a phone logs in
 * with, which has both. Pure. */

const PHONE = /^(?:\d+-)?([0-9a-f]{12})$/;

/** The address of the phone that a subject names, if it names one. */
export function phoneOf(subject: string): string | undefined {
  return PHONE.exec(subject)?.[1];
}

/** The number of the person that a subject names, if it names one. */
export function personOf(subject: string): string | undefined {
  return /^(\d{2,6})(?:-|$)/.exec(subject)?.[1];
}
