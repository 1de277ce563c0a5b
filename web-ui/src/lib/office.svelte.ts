/** The office as it was decided: read once, and again whenever the box says that it changed. */
import { answer, box } from '$lib/api/client';
import type { Contact, Office } from '$lib/api/types';
import { contactLabel } from '$lib/contacts';

class CurrentOffice {
  /** Undefined until it was read. */
  value = $state.raw<Office>();
  /** People outside, in everybody's phone book. */
  contacts = $state.raw<Contact[]>([]);
  #labels = $derived(new Map(this.contacts.flatMap((contact) => contact.numbers.map((n) => [n, contactLabel(contact)]))));

  async refresh(): Promise<void> {
    const [office, { contacts }] = await Promise.all([
      answer(box.GET('/api/v1/office')),
      answer(box.GET('/api/v1/contacts')),
    ]);
    if (this.value !== undefined && office.revision < this.value.revision) return;
    this.value = office;
    this.contacts = contacts;
  }

  /** Who has this number: a person, a ring group, a room or a contact. */
  nameOf(number: string): string | undefined {
    const has = (entry: { number: string }) => entry.number === number;
    const { people = [], ring_groups = [], conferences = [] } = this.value ?? {};
    return [...people, ...ring_groups, ...conferences].find(has)?.name ?? this.#labels.get(number);
  }
}

export const office = new CurrentOffice();
