/** The log: its lines, and what each says was done, in words. Pure. */
import type { Access } from '$messages/access.en';

/** Lines that the box gives at once at most. */
const PAGE = 200;

/** The newest lines, as many as there are up to `most`, a page of the box at a time. */
export async function newest<T extends { number: number }>(
  most: number,
  page: (query: { limit: number; before?: number }) => Promise<T[]>,
): Promise<T[]> {
  const lines: T[] = [];
  while (lines.length < most) {
    const limit = Math.min(most - lines.length, PAGE);
    const last = lines.at(-1);
    const more = await page(last === undefined ? { limit } : { limit, before: last.number });
    lines.push(...more);
    if (more.length < limit) break;
  }
  return lines;
}

/** What an entry's route or word means; an unknown one as it is. */
export function actWords(what: string, m: Access['log']): string {
  const special = Object.entries(m.special).find(([known]) => known === what)?.[1];
  if (special !== undefined) return special;
  const [method = '', path = ''] = what.split(' ');
  const matter = Object.entries(m.matter).find(([known]) => known === path.split('/')[3])?.[1];
  const turn = Object.entries(m.turn).find(([known]) => known === method)?.[1];
  return matter === undefined || turn === undefined ? what : turn(matter);
}
