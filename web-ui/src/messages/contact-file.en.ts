/** The words of contacts that come out of a file. Its shape is the rule for the other languages. */
const faults: Record<string, string> = {
  'number-unreadable': 'We do not recognise the number.',
  'number-internal': 'This is an internal number.',
  'number-reserved-emergency': 'This is an emergency number.',
  'contact-number-taken': 'Another contact has this number.',
  'contact-known': 'This contact is there already, with other numbers.',
  'numbers-empty': 'There is no number.',
  'numbers-too-many': 'A contact has five numbers at most.',
  'name-empty': 'There is no name.',
  'name-too-long': 'The name is too long.',
  'name-malformed': 'The name has signs that cannot be shown.',
  'line-torn': 'A quotation mark is in the wrong place.',
  'contacts-too-many': 'There is no more room: the office can have 2,000 contacts.',
};

export const contactFile = {
  title: 'Contacts from a file',
  sentence: 'Choose a file that you saved in Outlook, Google, your phone or a spreadsheet. You see what is in it before we take it.',
  hint: 'A table (CSV) has a first line that names its columns, such as name, company and phone. Visiting cards (VCF) can be taken as well.',
  choose: 'Choose a file',
  another: 'Choose another file',
  added: (n: number) => n === 1 ? 'One contact can be added.' : `${n} contacts can be added.`,
  known: (n: number) => n === 1 ? 'One is there already.' : `${n} are there already.`,
  notTaken: (n: number) => n === 1 ? 'One thing cannot be taken:' : `${n} things cannot be taken:`,
  line: (line: number, name: string, fault: string) => `Line ${line}${name === '' ? '' : `, ${name}`}: ${fault}`,
  rest: 'The contact is taken without it.',
  take: (n: number) => n === 1 ? 'Add this contact' : `Add ${n} contacts`,
  download: 'Save our contacts as a file (CSV)',
  faults,
  refused: {
    'file-no-text': 'This is not a file of contacts.',
    'columns-unknown': 'We found no names and numbers in this file. Its first line must name the columns, such as name and phone.',
    'contacts-none': 'There is no contact in this file that we can add.',
  },
};

export type ContactFile = typeof contactFile;
