/** The speed of the line to the internet: typed in Mbit/s, kept in kbit/s. */

/** What one call takes each way, kbit/s; the box reckons with the same. */
const KBIT_PER_CALL = 100;

/** The kbit/s of what was typed: null when nothing was, undefined when it is no speed that a line can have. */
export function kbitOf(typed: string): number | null | undefined {
  const text = typed.trim().replace(',', '.');
  if (text === '') return null;
  if (!/^\d{1,5}(\.\d{1,3})?$/.test(text)) return undefined;
  const kbit = Math.round(Number(text) * 1000);
  return kbit >= KBIT_PER_CALL && kbit <= 10_000_000 ? kbit : undefined;
}

/** As it is typed; empty when nobody said it. */
export function mbitOf(kbit: number | null | undefined): string {
  return kbit === null || kbit === undefined ? '' : String(kbit / 1000);
}

/** What so many calls at once take each way, in Mbit/s, for a table; the last row is as many as the contracts allow. */
export function capacity(allowed: number): { calls: number; mbit: number }[] {
  const steps = [1, 2, 5, 10, 20, 50, 100, 200, 500].filter((calls) => calls < allowed);
  return [...steps, allowed].map((calls) => ({ calls, mbit: (calls * KBIT_PER_CALL) / 1000 }));
}

/** How many calls that carries at once. */
export function callsOnLine(kbit: number): number {
  return Math.floor(kbit / KBIT_PER_CALL);
}
