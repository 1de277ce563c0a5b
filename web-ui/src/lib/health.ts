/** How the office is doing, in one word. Pure. */
import type { LiveState } from '$lib/live-state';
import type { PhoneEntry } from '$lib/phones';

export interface Health {
  /** `fresh`: nothing is set up yet. `partly`: no problem, but not every phone is on. */
  word: 'fresh' | 'works' | 'partly' | 'warning' | 'broken';
  /** Problems that need someone. */
  problems: number;
  phones: number;
  phonesReady: number;
  provider: 'connected' | 'connecting' | 'refused' | 'unreachable' | 'none';
}

/** What the box tells, summed up. */
export function healthOf(live: LiveState, phones: PhoneEntry[]): Health {
  const ready = phones.filter((phone) => phone.state === 'ready' || phone.state === 'in-a-call').length;
  const pressing = live.problems.filter((problem) => problem.severity !== 'note');
  const states = live.trunks.map((trunk) => trunk.state);
  const order = ['connected', 'connecting', 'unreachable', 'refused'] as const;
  return {
    word: pressing.some((problem) => problem.severity === 'calls-fail')
      ? 'broken'
      : pressing.length > 0
        ? 'warning'
        : phones.length === 0
          ? 'fresh'
          : ready < phones.length
            ? 'partly'
            : 'works',
    problems: pressing.length,
    phones: phones.length,
    phonesReady: ready,
    // With several ways out, one that works is what counts.
    provider: order.find((state) => states.includes(state)) ?? 'none',
  };
}
