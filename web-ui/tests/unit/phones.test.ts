import { describe, expect, test } from 'vitest';
import type { DeviceView, Office, PersonView } from '$lib/api/types';
import { healthOf } from '$lib/health';
import { nothingYet, type LiveState } from '$lib/live-state';
import { personOf, phoneOf } from '$lib/subject';
import { asksAgain, deviceName, foundPhones, isKnown, nextFreeNumber, phoneEntries, plainHttp, type Story } from '$lib/phones';

const MAC = '805ec0aabb01';
const office: Office = {
  revision: 1,
  identity: { name: 'Office', country: 'NL', area_code: '020', language: 'nl', time_zone: 'Europe/Amsterdam' },
  people: [{ number: '201', name: 'Anna' }],
  phones: [{ mac: MAC, model: 'T54W', people: ['201'], modules: 0, most_modules: 3, unencrypted: false, room: '' }],
  trunks: [],
  inbound: [],
  rights: [],
  ring_groups: [],
  conferences: [],
  blocked_callers: { numbers: [], refuse_withheld: false },
  line: { kbit: null },
  opening: { week: ['closed', 'closed', 'closed', 'closed', 'closed', 'closed', 'closed'], holidays: [], possible: [], closed_days: [] },
  support_numbers: { numbers: [] },
  emergency: { street: '', house_number: '', postcode: '', place: '', test_number: '' },
};
const device = (over: Partial<DeviceView> = {}): DeviceView => ({
  mac: MAC,
  vendor: 'yealink',
  model: 'T54W',
  address: '192.0.2.20',
  state: 'ready',
  people: ['201'],
  last_seen: 1000,
  plain_http: false,
  registered: true,
  ...over,
});
const anna = (state: PersonView['state'], mac: string | null = MAC): PersonView => ({
  number: '201',
  name: 'Anna',
  state,
  new_messages: 0,
  alarm_line: null,
  registrations:
    state === 'offline'
      ? []
      : [{ mac, user_agent: 'Softphone 1.0', address: '192.0.2.20:5060', transport: 'udp', expires_in_seconds: 60 }],
});
const live = (over: Partial<LiveState>): LiveState => ({ ...nothingYet, ...over });
/** Long after the phone was last heard. */
const LATER = 10_000;
const stateIn = (over: Partial<LiveState>, now = LATER) => phoneEntries(office, live(over), now)[0]?.state;

describe('the one word of a phone', () => {
  test.each([
    ['ready when it is registered', 'ready', { devices: [device()], people: [anna('idle')] }],
    ['ready while it rings', 'ready', { devices: [device()], people: [anna('ringing')] }],
    ['in a call', 'in-a-call', { devices: [device()], people: [anna('busy')] }],
    ['being set up', 'setting-up', { devices: [device({ state: 'setting-up' })], people: [anna('offline')] }],
    ['ready as soon as it registers', 'ready', { devices: [device({ state: 'setting-up' })], people: [anna('idle')] }],
    ['not reachable when it is silent', 'not-reachable', { devices: [device()], people: [anna('offline')] }],
    ['in need of attention when it failed', 'needs-attention', { devices: [device({ state: 'failed' })], people: [] }],
    ['being set up while it has yet to ask', 'setting-up', { devices: [device({ state: 'new' })], people: [] }],
    [
      'in need of attention when a problem is about it',
      'needs-attention',
      {
        devices: [device()],
        people: [anna('idle')],
        problems: [{ code: 'phone-password-stale', subject: `201-${MAC}`, severity: 'warning', detail: '' }],
      },
    ],
  ] as [string, string, Partial<LiveState>][])('%s', (_, word, over) => {
    expect(stateIn(over)).toBe(word);
  });

  test('a phone that has just fetched its settings may take two minutes to restart', () => {
    const restarting = { devices: [device()], people: [anna('offline')] };
    expect(stateIn(restarting, 1000 + 119)).toBe('setting-up');
    expect(stateIn(restarting, 1000 + 121)).toBe('not-reachable');
  });

  test('a silent phone tells when it was last heard, a ready one does not', () => {
    const silent = live({ devices: [device()], people: [anna('offline')] });
    expect(phoneEntries(office, silent, LATER)[0]?.lastSeen).toBe(1000);
    const ready = live({ devices: [device()], people: [anna('idle')] });
    expect(phoneEntries(office, ready, LATER)[0]?.lastSeen).toBeUndefined();
  });
});

test.each([
  ['fetches', 'fetching', { devices: [device({ state: 'setting-up' })] }],
  ['did not ask since somebody said whose it is', 'not-asked', { devices: [device({ state: 'new' })] }],
  ['was never heard', 'never-heard', { devices: [] }],
  ['was heard long ago', 'silent', { devices: [device()] }],
  ['read its settings and never reported', 'never-ready', { devices: [device({ settings: 'applied', registered: false })] }],
  ['read its settings and did report once', 'silent', { devices: [device({ settings: 'applied' })] }],
  ['is ready', undefined, { devices: [device()], people: [anna('idle')] }],
] as [string, Story | undefined, Partial<LiveState>][])('the page has a word for a phone that %s', (_, story, over) => {
  expect(phoneEntries(office, live(over), LATER)[0]?.story).toBe(story);
});

test('why a phone was not answered is told, unless it works', () => {
  const devices = [device({ reason: 'too-soon' })];
  const reasonWith = (state: PersonView['state']) =>
    phoneEntries(office, live({ devices, people: [anna(state)] }), LATER)[0]?.reason;
  expect([reasonWith('offline'), reasonWith('idle'), reasonWith('busy')]).toEqual(['too-soon', undefined, undefined]);
});

test('how far its settings are is told of every phone, also of one that works', () => {
  const devices = [device({ settings: 'pending', settings_reason: 'in-a-call' })];
  const busy = phoneEntries(office, live({ devices, people: [anna('busy')] }), LATER)[0];
  expect(busy).toMatchObject({ state: 'in-a-call', settings: 'pending', settingsReason: 'in-a-call' });
});

test('a phone that was reset, moved or locked can be used again, and only such a one', () => {
  const again = (reason: string | null) => {
    const entry = phoneEntries(office, live({ devices: [device({ state: 'failed', reason })] }), LATER)[0];
    return entry !== undefined && asksAgain(entry);
  };
  expect(['asks-again', 'moved', 'token-misused', 'record-incomplete'].map(again)).toEqual([true, true, true, true]);
  expect([again('too-soon'), again(null)]).toEqual([false, false]);
});

test('a found phone of an unknown make or model cannot be used', () => {
  const known = (reason: string) => isKnown(device({ state: 'new', reason }));
  expect(['maker-unknown', 'model-unknown', 'window-closed'].map(known)).toEqual([false, false, true]);
});

test('a phone that was configured by hand is listed while it is registered', () => {
  const entries = phoneEntries(office, live({ devices: [device()], people: [anna('idle', null)] }), LATER);
  expect(entries.map((entry) => [entry.label, entry.mac, entry.state])).toEqual([
    ['Yealink T54W', MAC, 'not-reachable'],
    ['Softphone 1.0', undefined, 'ready'],
  ]);
});

test('found are phones that are nobody’s, and one that was reset and asks again', () => {
  const nobodys = device({ mac: '000413aabb02', vendor: 'snom', model: 'D785', state: 'new', people: [] });
  const declared = device({ mac: '000413aabb03', state: 'new' });
  const reset = device({ mac: '000413aabb04', state: 'new', reason: 'waiting-for-adoption' });
  expect(foundPhones(live({ devices: [device(), nobodys, declared, reset] }))).toEqual([nobodys, reset]);
});

test('that a phone may come without encryption is asked only where it cannot do better, and where it is so', () => {
  const asked = (over: Partial<DeviceView>) => plainHttp(device(over));
  expect([asked({ reason: 'tls-too-old' }), asked({ reason: 'tls-not-trusted' })]).toEqual([false, false]);
  expect([asked({ plain_http: true }), asked({ plain_http: true, reason: 'tls-too-old' })]).toEqual([true, true]);
  expect([asked({}), asked({ reason: 'too-soon' }), plainHttp(undefined)]).toEqual([undefined, undefined, undefined]);
  expect(asked({ vendor: 'linphone', reason: 'tls-not-trusted' })).toBeUndefined();
});

test('a phone that nobody took yet and that cannot make a safe connection is shown to whom may decide', () => {
  const stuck = device({ state: 'setting-up', people: [], reason: 'tls-too-old' });
  const onItsWay = device({ mac: '805ec0aabb02', state: 'setting-up', people: [] });
  const somebodys = device({ mac: '805ec0aabb03', state: 'setting-up', reason: 'tls-too-old' });
  const allowed = device({ mac: '805ec0aabb04', state: 'setting-up', people: [], plain_http: true });
  expect(foundPhones(live({ devices: [stuck, onItsWay, somebodys, allowed] }))).toEqual([stuck, allowed]);
});

test('a base tells its handsets, and any phone its expansion modules', () => {
  const base = { handsets: [{ place: 1, person: '201', model: 'W56H' }], most: 8, models: ['W56H'] };
  const phones = [
    { mac: MAC, model: 'W60B', people: ['201'], base, modules: 0, most_modules: 0, unencrypted: false, room: '' },
    { mac: '805ec0aabb02', model: 'T54W', people: ['201'], modules: 2, most_modules: 3, unencrypted: false, room: '' },
  ];
  const entries = phoneEntries({ ...office, phones }, live({}), LATER);
  expect(entries.map((entry) => [entry.base, entry.modules, entry.mostModules])).toEqual([
    [base, 0, 0],
    [undefined, 2, 3],
  ]);
});

test('a phone is named as well as it named itself', () => {
  const other = device({ vendor: 'snom', model: 'D785' });
  expect(deviceName(other)).toBe('Snom D785');
  expect(deviceName(device({ model: 'Yealink T54W' }))).toBe('Yealink T54W');
  expect(deviceName(device({ model: '' }))).toBe('Yealink');
  expect(deviceName(device({ vendor: '', model: '' }))).toBe('…AABB01');
});

test('a base is shown with everybody who has a handset, and is in a call as soon as one of them is', () => {
  const base = { ...office, phones: [{ mac: MAC, model: 'W60B', people: ['201', '202'], modules: 0, most_modules: 0, unencrypted: false, room: '' }] };
  const bob = { ...anna('busy'), number: '202', name: 'Bob' };
  const entries = phoneEntries(base, live({ people: [anna('idle'), bob] }), LATER);
  expect(entries.map((entry) => [entry.people, entry.state])).toEqual([[['201', '202'], 'in-a-call']]);
  expect(phoneEntries(base, live({ people: [anna('offline'), bob] }), LATER)[0]?.address).toBe('192.0.2.20:5060');
});

test('the number suggested is the first that no person and no group has', () => {
  const person = (number: string) => ({ number, name: number });
  expect(nextFreeNumber({ ...office, people: [] })).toBe('201');
  const group = { number: '202', name: 'Shop', members: [] };
  expect(nextFreeNumber({ ...office, people: [person('201'), person('204')], ring_groups: [group] })).toBe('203');
});

describe('the state of the office', () => {
  const ready = { devices: [device()], people: [anna('idle')] };
  const health = (over: Partial<LiveState>, of: Office = office) =>
    healthOf(live(over), phoneEntries(of, live(over), LATER));
  const problem = (severity: 'calls-fail' | 'warning' | 'note') => ({ code: 'x', subject: '', severity, detail: '' });

  test('works when every phone is ready, also with a note', () => {
    expect(health(ready)).toMatchObject({ word: 'works', phones: 1, phonesReady: 1, provider: 'none' });
    expect(health({ ...ready, problems: [problem('note')] })).toMatchObject({ word: 'works', problems: 0 });
  });

  test('works partly when a phone is off', () => {
    expect(health({ people: [anna('offline')] })).toMatchObject({ word: 'partly', phonesReady: 0 });
  });

  test('is fresh without phones', () => {
    expect(health({}, { ...office, phones: [] }).word).toBe('fresh');
  });

  test('is as bad as its worst problem', () => {
    expect(health({ ...ready, problems: [problem('warning')] })).toMatchObject({ word: 'warning', problems: 1 });
    const both = [problem('warning'), problem('calls-fail')];
    expect(health({ ...ready, problems: both })).toMatchObject({ word: 'broken', problems: 2 });
  });

  test('is connected when one of its providers is', () => {
    const trunk = (state: 'refused' | 'connected') => ({ name: state, state, detail: '', reason: '', seen_as: '', calls: 0, help: { state: 'none' as const, proven: null } });
    expect(health({ ...ready, trunks: [trunk('refused'), trunk('connected')] }).provider).toBe('connected');
  });
});

test('a problem is about a phone, a person, or the phone of a person', () => {
  expect([phoneOf(MAC), phoneOf(`201-${MAC}`), phoneOf('201'), phoneOf('provider')]).toEqual([
    MAC,
    MAC,
    undefined,
    undefined,
  ]);
  expect([personOf('201'), personOf(`201-${MAC}`), personOf('provider'), personOf('')]).toEqual([
    '201',
    '201',
    undefined,
    undefined,
  ]);
});
