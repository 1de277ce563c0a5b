/** Why a call was not answered, and who says so, in words. Pure. */
import type { CallLogEntry } from '$lib/api/types';
import type { Answers } from '$messages/answers.en';

/** Statuses of a provider that speak of who is called, not of the provider (RFC 3261 21, RFC 8197, RFC 8688). */
const OF_WHO_IS_CALLED = /^(404|410|48[046]|60[03478])$/;

/** Why a call was not answered, in a sentence; undefined when nobody refused it. */
export function refusalOf({ refusal, outcome }: Pick<CallLogEntry, 'refusal' | 'outcome'>, m: Answers): string | undefined {
  if (!refusal) return undefined;
  const { by, status, trunk } = refusal;
  const code = String(status);
  const provider = OF_WHO_IS_CALLED.test(code) ? m.by.other : trunk ? m.named(trunk) : m.by.provider;
  const codes: Record<string, string> = by === 'box' ? { ...m.codes, ...m.byBox } : m.codes;
  const what = outcome === 'blocked' ? m.blocked : codes[code] ?? m.unknown(status);
  return m.says(by === 'provider' ? provider : m.by[by], what);
}
