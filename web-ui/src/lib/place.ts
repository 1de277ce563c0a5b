/** The addresses of the page and the places they name. Pure. */

/** Where the user is. */
export type Place =
  | { page: 'home' }
  | { page: 'phones' }
  | { page: 'people' }
  | { page: 'person'; number: string }
  | { page: 'calls' }
  | { page: 'bill' }
  | { page: 'costs' }
  | { page: 'settings' }
  | { page: 'incidents' }
  | { page: 'unknown' };

/** The place that an address names. */
export function placeAt(path: string): Place {
  const [first = '', second, ...rest] = path.split('/').filter((part) => part !== '');
  if (rest.length > 0) return { page: 'unknown' };
  if (first === 'people' && second !== undefined) return { page: 'person', number: second };
  if (first === 'calls' && second === 'bill') return { page: 'bill' };
  if (first === 'settings' && second === 'incidents') return { page: 'incidents' };
  if (second !== undefined) return { page: 'unknown' };
  switch (first) {
    case '':
    case 'index.html':
      return { page: 'home' };
    case 'phones':
    case 'people':
    case 'calls':
    case 'costs':
    case 'settings':
      return { page: first };
    default:
      return { page: 'unknown' };
  }
}

/** Places that have no entry of their own in the menu, and the one that each is under. */
const UNDER = { person: 'people', bill: 'calls', incidents: 'settings' } as const;

/** What the menu calls a place: the entry that it is under. */
export function menuOf(page: Exclude<Place['page'], 'unknown'>): Exclude<Place['page'], keyof typeof UNDER | 'unknown'> {
  return page === 'person' || page === 'bill' || page === 'incidents' ? UNDER[page] : page;
}
