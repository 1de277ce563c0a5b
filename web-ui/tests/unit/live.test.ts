import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { CallView, LiveSnapshot, PersonView } from '$lib/api/types';
import { after, nothingYet } from '$lib/live-state';
import { Live, type Source } from '$lib/live.svelte';

const person = (number: string, state: PersonView['state'] = 'idle'): PersonView => ({
  number,
  name: `Person ${number}`,
  state,
  registrations: [],
  new_messages: 0,
  alarm_line: null,
});
const call = (id: string, state: CallView['state'] = 'ringing'): CallView => ({
  id,
  direction: 'internal',
  from: '201',
  from_name: 'Anna',
  spoofed: false,
  to: '202',
  to_name: 'Bram',
  state,
  seconds: 0,
  emergency: false,
  ends_soon: false,
});
const snapshot = (over: Partial<LiveSnapshot> = {}): LiveSnapshot => ({
  people: [person('201')],
  calls: [],
  trunks: [],
  stops: [],
  problems: [],
  devices: [],
  window: { open_until: null },
  revision: 1,
  ...over,
});
const text = JSON.stringify;

describe('what an event changes', () => {
  const begun = after(nothingYet, 'snapshot', text(snapshot()), 0);

  test('a snapshot replaces everything, so what went meanwhile is gone', () => {
    const calling = after(begun, 'call', text(call('a')), 0);
    const again = after(calling, 'snapshot', text(snapshot({ people: [] })), 0);
    expect(again.calls).toEqual([]);
    expect(again.people).toEqual([]);
  });

  test('the stops that are told are all there are', () => {
    const stop = { stop: 'outgoing', by: 'admin', since: 1 };
    const stopped = after(begun, 'stops', text({ stops: [stop] }), 1);
    expect(stopped.stops).toEqual([stop]);
    expect(after(stopped, 'stops', text({ stops: [] }), 2).stops).toEqual([]);
    expect(after(stopped, 'snapshot', text(snapshot()), 2).stops).toEqual([]);
  });

  test('a snapshot after a silence is a reason to read the call log again', () => {
    expect(after(begun, 'snapshot', text(snapshot()), 0).lastRecord).not.toBe(begun.lastRecord);
  });

  test('a call keeps its place while it changes and disappears when it is over', () => {
    const two = after(after(begun, 'call', text(call('a')), 0), 'call', text(call('b')), 0);
    const answered = after(two, 'call', text(call('a', 'talking')), 0);
    expect(answered.calls.map((c) => [c.id, c.state])).toEqual([
      ['a', 'talking'],
      ['b', 'ringing'],
    ]);
    expect(after(answered, 'call-gone', text({ id: 'a' }), 0).calls.map((c) => c.id)).toEqual(['b']);
  });

  test('a call remembers when its seconds were told', () => {
    expect(after(begun, 'call', text(call('a')), 1234).calls[0]?.told).toBe(1234);
  });

  test('people stay in the order of their numbers', () => {
    const more = after(after(begun, 'person', text(person('1001')), 0), 'person', text(person('202')), 0);
    expect(more.people.map((p) => p.number)).toEqual(['201', '202', '1001']);
  });

  test('the same problem about two phones is two problems', () => {
    const about = (subject: string) => ({ code: 'phone-password-stale', subject, severity: 'warning', detail: '' });
    const two = after(after(begun, 'problem', text(about('a')), 0), 'problem', text(about('b')), 0);
    expect(two.problems).toHaveLength(2);
    const gone = { code: 'phone-password-stale', subject: 'a' };
    expect(after(two, 'problem-gone', text(gone), 0).problems.map((p) => p.subject)).toEqual(['b']);
  });

  test('the window opens and closes', () => {
    const open = after(begun, 'window', text({ open_until: 99 }), 0);
    expect(open.openUntil).toBe(99);
    expect(after(open, 'window', text({ open_until: null }), 0).openUntil).toBeNull();
  });

  test('text that is no JSON changes nothing', () => {
    expect(after(begun, 'call', '{', 0)).toBe(begun);
  });
});

/** A stream that the test plays. */
class Played implements Source {
  readyState = 1;
  closed = false;
  #listeners = new Map<string, (event: MessageEvent<string>) => void>();

  addEventListener(event: string, listener: (event: MessageEvent<string>) => void): void {
    this.#listeners.set(event, listener);
  }
  close(): void {
    this.closed = true;
  }
  play(event: string, data = ''): void {
    this.#listeners.get(event)?.({ data } as MessageEvent<string>);
    flushSync();
  }
}

describe('the connection', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function connected() {
    const sources: Played[] = [];
    const live = new Live(() => {
      const source = new Played();
      sources.push(source);
      return source;
    });
    const refused = vi.fn(() => Promise.resolve());
    live.start(refused);
    const last = () => sources.at(-1) as Played;
    return { live, sources, refused, last };
  }

  test('is ready with the first snapshot and not before', () => {
    const { live, last } = connected();
    last().play('open');
    expect(live.ready).toBe(false);
    last().play('snapshot', text(snapshot()));
    expect(live.ready).toBe(true);
    expect(live.state.people).toHaveLength(1);
  });

  test('says since when it is lost, keeps what was known, and is found again', () => {
    const { live, last } = connected();
    last().play('snapshot', text(snapshot()));
    vi.setSystemTime(5000);
    last().play('error');
    vi.setSystemTime(9000);
    last().play('error');
    expect(live.lostSince).toBe(5000);
    expect(live.state.people).toHaveLength(1);
    last().play('open');
    expect(live.lostSince).toBeNull();
  });

  test('leaves trying again to the browser while the browser does so', async () => {
    const { sources, refused, last } = connected();
    last().play('error');
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sources).toHaveLength(1);
    expect(refused).not.toHaveBeenCalled();
  });

  test('asks for the session when the box ended it, then tries again', async () => {
    const { sources, refused, last } = connected();
    last().readyState = 2;
    last().play('error');
    await vi.advanceTimersByTimeAsync(2000);
    expect(refused).toHaveBeenCalledOnce();
    expect(sources).toHaveLength(2);
    expect(sources[0]?.closed).toBe(true);
  });

  test('tries again also when the session cannot be asked for', async () => {
    const { sources, refused, last } = connected();
    refused.mockRejectedValue(new Error('away'));
    last().readyState = 2;
    last().play('error');
    await vi.advanceTimersByTimeAsync(2000);
    expect(sources).toHaveLength(2);
  });

  test('stays closed once stopped', async () => {
    const { live, sources, last } = connected();
    last().readyState = 2;
    last().play('error');
    live.stop();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sources).toHaveLength(1);
    expect(sources[0]?.closed).toBe(true);
  });
});
