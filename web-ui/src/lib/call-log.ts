/** What can be told from logged calls. Pure. */
import type { CallLogEntry } from '$lib/api/types';

/** Both lists as one, newest first, each call once; what was told last counts. */
export function merged(known: CallLogEntry[], told: CallLogEntry[]): CallLogEntry[] {
  const byId = new Map([...known, ...told].map((call) => [call.id, call]));
  return [...byId.values()].sort((a, b) => b.started - a.started);
}

/** Whether someone from outside called and talked to nobody. */
export function isMissed(call: CallLogEntry): boolean {
  const unanswered = call.answered_ms === undefined || call.answered_ms === null || call.outcome === 'mailbox';
  return call.direction === 'incoming' && unanswered;
}
