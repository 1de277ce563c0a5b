/** When a device that looks for weak places counts. Pure. */

/** For how many days it counts, the last one among them. */
const DAYS = 30;
const DAY_MS = 86_400_000;

/** Its first day, of its last one; undefined when that is no day. */
export function firstDay(until: string): string | undefined {
  const last = Date.parse(until);
  return Number.isNaN(last) ? undefined : new Date(last - (DAYS - 1) * DAY_MS).toISOString().slice(0, 10);
}

/** Whether it counts on a day of the office, does not yet, or does no more. */
export function countsOn(today: string, until: string): 'now' | 'later' | 'over' {
  if (today > until) return 'over';
  return today < (firstDay(until) ?? until) ? 'later' : 'now';
}
