/** How many attempts the box stopped today. Pure. */
import type { ProblemView } from '$lib/api/types';

/** The number, as the box tells it while it grows; undefined when there were none. */
export function attemptsOf(problems: Pick<ProblemView, 'code' | 'detail'>[]): number | undefined {
  const told = problems.find(({ code }) => code === 'attempts-stopped' || code === 'attempts-got-in');
  return told && parseInt(told.detail);
}
