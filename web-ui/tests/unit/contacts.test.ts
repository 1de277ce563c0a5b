import { expect, test } from 'vitest';
import { contactLabel, foundContacts } from '$lib/contacts';

const contacts = [
  { name: 'Zoë', company: '', numbers: ['+31612345678'] },
  { name: 'Piet', company: 'Molen & Fils', numbers: ['+31207654321', '+3222345678'] },
  { name: 'Émile', company: '', numbers: ['14020'] },
];

test('a contact is shown with its company, where it has one', () => {
  expect(contacts.map(contactLabel)).toEqual(['Zoë', 'Piet (Molen & Fils)', 'Émile']);
});

test.each([
  ['', ['Émile', 'Piet', 'Zoë']],
  ['  ', ['Émile', 'Piet', 'Zoë']],
  ['zoe', ['Zoë']],
  ['fils PIET', ['Piet']],
  ['06 123', ['Zoë']],
  ['020 765', ['Piet']],
  ['+31 20', ['Piet']],
  ['14 020', ['Émile']],
  ['piet 7', []],
  ['nobody', []],
])('“%s” finds %j', (search, names) => {
  expect(foundContacts(contacts, search, 'NL').map((contact) => contact.name)).toEqual(names);
});
