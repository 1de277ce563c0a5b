/** The call log as far as it was looked at: the newest calls, and older ones on demand. */
import { answer, box } from '$lib/api/client';
import type { CallLogEntry } from '$lib/api/types';
import { merged } from '$lib/call-log';

/** Calls asked for at once. */
const PAGE = 50;

class CallLog {
  calls = $state.raw<CallLogEntry[]>([]);
  /** Whether the first page came. */
  ready = $state(false);
  /** Whether the oldest call is among them. */
  complete = $state(false);

  /** Reads the newest calls. */
  async refresh(): Promise<void> {
    const { calls } = await answer(box.GET('/api/v1/calls', { params: { query: { limit: PAGE } } }));
    // Only now: an effect that reads the log anew must not run again because it was read.
    const known = this.calls;
    const overlaps = calls.some((call) => known.some((other) => other.id === call.id));
    // After a long silence there may be a hole between what was known and what is new: begin again.
    this.calls = overlaps ? merged(known, calls) : calls;
    if (!overlaps) this.complete = calls.length < PAGE;
    this.ready = true;
  }

  /** Reads the calls before the oldest one that is known. */
  async older(): Promise<void> {
    const last = this.calls.at(-1);
    if (last === undefined || this.complete) return;
    const query = { before: last.id, limit: PAGE };
    const { calls } = await answer(box.GET('/api/v1/calls', { params: { query } }));
    this.calls = merged(this.calls, calls);
    this.complete = calls.length < PAGE;
  }

  /** Reads on until every call that began at or after this moment is known. */
  async backTo(moment: number): Promise<void> {
    while (!this.complete && (this.calls.at(-1)?.started ?? 0) >= moment) await this.older();
  }
}

export const callLog = new CallLog();
