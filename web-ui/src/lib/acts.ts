/** What a line of the log says was done, in words. Pure. */
import type { Access } from '$messages/access.en';

/** What an entry's route or word means; an unknown one as it is. */
export function actWords(what: string, m: Access['log']): string {
  const special = Object.entries(m.special).find(([known]) => known === what)?.[1];
  if (special !== undefined) return special;
  const [method = '', path = ''] = what.split(' ');
  const matter = Object.entries(m.matter).find(([known]) => known === path.split('/')[3])?.[1];
  const turn = Object.entries(m.turn).find(([known]) => known === method)?.[1];
  return matter === undefined || turn === undefined ? what : turn(matter);
}
