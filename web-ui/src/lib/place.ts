/** The addresses of the page and the places they name. Pure. */

/** The chapters of the settings, in their order; the first has the bare address. */
export const CHAPTERS = ['office', 'provider', 'numbers', 'protection', 'access', 'changes'] as const;
export type Chapter = (typeof CHAPTERS)[number];

/** Where the user is. */
export type Place =
  | { page: 'home' }
  | { page: 'phones' }
  | { page: 'people' }
  | { page: 'person'; number: string }
  | { page: 'calls' }
  | { page: 'bill' }
  | { page: 'costs' }
  | { page: 'settings'; chapter: Chapter }
  | { page: 'incidents' }
  | { page: 'unknown' };

/** The place that an address names. */
export function placeAt(path: string): Place {
  const [first = '', second, ...rest] = path.split('/').filter((part) => part !== '');
  if (rest.length > 0) return { page: 'unknown' };
  if (first === 'people' && second !== undefined) return { page: 'person', number: second };
  if (first === 'calls' && second === 'bill') return { page: 'bill' };
  if (first === 'settings') return settingsAt(second);
  if (second !== undefined) return { page: 'unknown' };
  switch (first) {
    case '':
    case 'index.html':
      return { page: 'home' };
    case 'phones':
    case 'people':
    case 'calls':
    case 'costs':
      return { page: first };
    default:
      return { page: 'unknown' };
  }
}

function settingsAt(second: string | undefined): Place {
  if (second === 'incidents') return { page: 'incidents' };
  const path = second === undefined ? '/settings' : `/settings/${second}`;
  const chapter = CHAPTERS.find((chapter) => addressOf(chapter) === path);
  return chapter === undefined ? { page: 'unknown' } : { page: 'settings', chapter };
}

/** The address of a chapter of the settings. */
export function addressOf(chapter: Chapter): string {
  return chapter === CHAPTERS[0] ? '/settings' : `/settings/${chapter}`;
}

/** Places that have no entry of their own in the menu, and the one that each is under. */
const UNDER = { person: 'people', bill: 'calls', incidents: 'settings' } as const;

/** What the menu calls a place: the entry that it is under. */
export function menuOf(page: Exclude<Place['page'], 'unknown'>): Exclude<Place['page'], keyof typeof UNDER | 'unknown'> {
  return page === 'person' || page === 'bill' || page === 'incidents' ? UNDER[page] : page;
}
