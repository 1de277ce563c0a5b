import { describe, expect, test } from 'vitest';
import type { CallLogEntry, LegQuality } from '$lib/api/types';
import { isMissed, merged } from '$lib/call-log';
import { lostIn, qualityOf } from '$lib/quality';

const leg = (over: Partial<LegQuality> = {}): LegQuality => ({
  packets: 1000,
  lost: 0,
  jitter_ms: 2,
  one_way: false,
  fell_silent: false,
  hears_nothing: false,
  ...over,
});
const call = (over: Partial<CallLogEntry> = {}): CallLogEntry => ({
  id: 'a',
  spoofed: false,
  allowable: false,
  direction: 'incoming',
  from: '+31612345678',
  from_name: '',
  to: '201',
  started: 1000,
  answered_ms: 4000,
  ended: 64_000,
  outcome: 'answered',
  status: 0,
  emergency: false,
  malicious: false,
  quality: { caller: leg(), callee: leg() },
  ...over,
});

describe('the word for how a call sounded', () => {
  test.each([
    ['good', {}],
    ['fair', { lost: 30 }],
    ['fair', { jitter_ms: 45 }],
    ['poor', { lost: 100 }],
    ['poor', { jitter_ms: 80 }],
    ['one-way', { packets: 0, one_way: true }],
    ['one-way', { packets: 0, one_way: true, hears_nothing: true }],
    ['stopped', { fell_silent: true }],
    ['stopped', { hears_nothing: true, lost: 100 }],
  ] as const)('%s for one side with %j', (word, over) => {
    expect(qualityOf(call({ quality: { caller: leg(over), callee: leg() } }))).toBe(word);
    expect(qualityOf(call({ quality: { caller: leg(), callee: leg(over) } }))).toBe(word);
  });

  test('where sound went missing is said of each side, and only of calls that were answered', () => {
    const quality = { caller: leg({ fell_silent: true }), callee: leg({ fell_silent: true, hears_nothing: true }) };
    expect(lostIn(call({ quality }))).toEqual([
      ['from', 'caller'],
      ['from', 'callee'],
      ['to', 'callee'],
    ]);
    expect(lostIn(call({ quality, answered_ms: null }))).toEqual([]);
    expect(lostIn(call())).toEqual([]);
  });

  test('there is none when nobody answered or nothing was measured', () => {
    expect(qualityOf(call({ answered_ms: null }))).toBeUndefined();
    const silent = leg({ packets: 0 });
    expect(qualityOf(call({ quality: { caller: silent, callee: silent } }))).toBeUndefined();
  });
});

test('missed is what came from outside and nobody took', () => {
  expect(isMissed(call({ answered_ms: null, outcome: 'no-answer' }))).toBe(true);
  expect(isMissed(call())).toBe(false);
  expect(isMissed(call({ direction: 'outgoing', answered_ms: null, outcome: 'busy' }))).toBe(false);
});

test('pages of the log become one list, newest first, each call once and as last told', () => {
  const old = call({ id: 'old', started: 1 });
  const known = call({ id: 'x', started: 2, outcome: 'answered' });
  const told = call({ id: 'x', started: 2, outcome: 'lost' });
  const fresh = call({ id: 'new', started: 3 });
  expect(merged([known, old], [fresh, told]).map((c) => [c.id, c.outcome])).toEqual([
    ['new', 'answered'],
    ['x', 'lost'],
    ['old', 'answered'],
  ]);
});
