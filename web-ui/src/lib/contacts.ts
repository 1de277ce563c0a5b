/** The contacts outside: how they are shown and found. Pure. */
import type { Contact, Country } from '$lib/api/types';
import { phoneNumber } from '$lib/format';

/** A contact on one line, as the phones show it. */
export function contactLabel({ name, company }: Contact): string {
  return company === '' ? name : `${name} (${company})`;
}

/** A text without case and accents. */
const folded = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
const digits = (text: string) => text.replace(/\D/g, '');

/** The contacts that a search finds, by name: every word of it stands in the name or
 * company, or it is written without letters and its digits stand in a number. */
export function foundContacts(contacts: Contact[], search: string, country: Country): Contact[] {
  const words = folded(search).split(/\s+/).filter((word) => word !== '');
  const sought = /\p{L}/u.test(search) ? '' : digits(search);
  const matches = (contact: Contact) => {
    const label = folded(contactLabel(contact));
    const written = contact.numbers.flatMap((number) => [digits(number), digits(phoneNumber(number, country))]);
    return words.every((word) => label.includes(word)) || (sought !== '' && written.some((n) => n.includes(sought)));
  };
  return contacts.filter(matches).sort((a, b) => folded(a.name).localeCompare(folded(b.name)));
}
