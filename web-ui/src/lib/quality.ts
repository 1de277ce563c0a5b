/** What the measurements of a call mean to the people who had it. Pure. */
import type { CallLogEntry, LegQuality } from '$lib/api/types';

export type QualityWord = 'good' | 'fair' | 'poor' | 'one-way' | 'stopped';

/** Where sound went missing during a call: it came from that side no more, or reached it no more. */
export type Lost = readonly [way: 'from' | 'to', side: 'caller' | 'callee'];

/** Shares of lost packets and jitter (ms) at which listeners begin to notice, and to complain: with the concealment of
 * G.711 (ITU-T G.113 appendix I) about 1 % and 5 % loss; a phone's usual jitter buffer holds 30 to 60 ms. */
const FAIR = { lost: 0.01, jitter: 30 };
const POOR = { lost: 0.05, jitter: 60 };

function exceeds(leg: LegQuality, limit: typeof FAIR): boolean {
  const sent = leg.packets + leg.lost;
  return (sent > 0 && leg.lost / sent > limit.lost) || leg.jitter_ms > limit.jitter;
}

/** What sound went missing before a call that was answered was over. */
export function lostIn(call: CallLogEntry): Lost[] {
  if (call.answered_ms === undefined || call.answered_ms === null) return [];
  return (['caller', 'callee'] as const).flatMap((side) => {
    const leg = call.quality[side];
    return [...(leg.fell_silent ? [['from', side] as const] : []), ...(leg.hears_nothing ? [['to', side] as const] : [])];
  });
}

/** The word for a call, or undefined when nobody talked or nothing was measured. */
export function qualityOf(call: CallLogEntry): QualityWord | undefined {
  if (call.answered_ms === undefined || call.answered_ms === null) return undefined;
  const legs = [call.quality.caller, call.quality.callee];
  if (legs.some((leg) => leg.one_way)) return 'one-way';
  if (lostIn(call).length > 0) return 'stopped';
  if (legs.every((leg) => leg.packets === 0)) return undefined;
  if (legs.some((leg) => exceeds(leg, POOR))) return 'poor';
  return legs.some((leg) => exceeds(leg, FAIR)) ? 'fair' : 'good';
}
