/** The phones of the office with the one word that says how each is. Pure. */
import type { Base, DeviceView, Office, PersonView, Phone, ProblemView, RegistrationView, SettingsState } from '$lib/api/types';
import type { LiveState } from '$lib/live-state';
import { phoneOf } from '$lib/subject';

/** The six words that a phone's or a person's state can be (the same everywhere on the page). */
export type StateWord = 'new' | 'setting-up' | 'ready' | 'in-a-call' | 'not-reachable' | 'needs-attention';

/** A phone as the page shows it. */
export interface PhoneEntry {
  /** Unique on the page. */
  key: string;
  /** Present when the box set the phone up; absent for one that was configured by hand. */
  mac: string | undefined;
  /** Maker and model, or what a hand-configured phone says of itself. */
  label: string;
  kind: 'desk' | 'soft';
  /** Whose it is; of a base one for each handset. */
  people: string[];
  state: StateWord;
  /** When it was last heard (seconds since 1970), when it is not reachable and that is known. */
  lastSeen: number | undefined;
  address: string | undefined;
  /** Why the box did not answer it, as the box's code. */
  reason: string | undefined;
  /** What to say of it where the box gives no reason. */
  story: Story | undefined;
  /** What is wrong with it, when that is on the list of problems. */
  problem: ProblemView | undefined;
  /** Whether it has the settings that it should have; undefined when it has none to follow. */
  settings: SettingsState | undefined;
  settingsReason: string | undefined;
  /** Its handsets and what it can have of them, when it is a base. */
  base: Base | undefined;
  /** Expansion modules that are plugged into it, and how many it carries. */
  modules: number;
  mostModules: number;
  /** Whether it may be set up without encryption; undefined where that is no question. */
  plainHttp: boolean | undefined;
  /** Whether it calls without encryption, as somebody said. */
  unencrypted: boolean;
}

/** What the page says of a phone that is not ready. */
export type Story = 'fetching' | 'not-asked' | 'restarting' | 'silent' | 'never-heard' | 'never-ready';

/** Reasons that end when somebody says that the phone may be set up again. */
const AGAIN = ['asks-again', 'moved', 'token-misused', 'record-incomplete'];

/** Whether a phone in use waits for somebody to say that it may be set up again. */
export function asksAgain(phone: PhoneEntry): boolean {
  return phone.mac !== undefined && AGAIN.includes(phone.reason ?? '');
}

/** Reasons that say that a phone could not make a safe connection with the box. */
const TLS = ['tls-too-old', 'tls-not-trusted'];

/** Whether a phone may be set up without encryption; undefined where that is no question: it can do better. */
export function plainHttp(device: DeviceView | undefined): boolean | undefined {
  if (device === undefined || device.vendor === 'linphone') return undefined;
  return device.plain_http || TLS.includes(device.reason ?? '') ? device.plain_http : undefined;
}

/** Whether a found phone can be set up at all: the box knows its make and model. */
export function isKnown(device: DeviceView): boolean {
  return device.reason !== 'maker-unknown' && device.reason !== 'model-unknown';
}

const MAKERS: Record<string, string> = { yealink: 'Yealink', snom: 'Snom', linphone: 'Linphone' };

/** How long the box looks for phones when it is asked to. */
export const WINDOW_MINUTES = 15;

/** How long a phone that fetched its settings may take to restart and report (seconds). */
const RESTART = 120;

/** `Yealink T54W`; the last digits of its address when it said nothing of itself. */
export function deviceName(device: DeviceView): string {
  const said = [device.vendor !== '' && device.model.toLowerCase().startsWith(device.vendor) ? '' : device.vendor]
    .map((vendor) => MAKERS[vendor] ?? vendor)
    .concat(device.model)
    .filter((part) => part !== '')
    .join(' ');
  return said === '' ? `…${device.mac.slice(-6).toUpperCase()}` : said;
}

/** The word for a person: how their phones are together. */
export function personState(person: PersonView | undefined): StateWord {
  if (person === undefined || person.state === 'offline') return 'not-reachable';
  return person.state === 'busy' ? 'in-a-call' : 'ready';
}

/** The word for a phone that the box sets up and that is not registered. */
function silentState(device: DeviceView | undefined, now: number): StateWord {
  if (device === undefined) return 'not-reachable';
  // `new`: somebody said whose it is, and it did not ask for its settings yet.
  if (device.state === 'new' || device.state === 'setting-up') return 'setting-up';
  return device.last_seen > now - RESTART ? 'setting-up' : 'not-reachable';
}

function storyOf(state: StateWord, device: DeviceView | undefined, unencrypted: boolean): Story | undefined {
  // It read its settings, and never reported with them: perhaps it cannot do so with encryption.
  const never = device?.state === 'ready' && device.settings === 'applied' && !device.registered && !unencrypted;
  if (state === 'not-reachable' && never) return 'never-ready';
  if (state === 'not-reachable') return device === undefined ? 'never-heard' : 'silent';
  if (state !== 'setting-up') return undefined;
  if (device?.state === 'new') return 'not-asked';
  return device?.state === 'setting-up' ? 'fetching' : 'restarting';
}

function adopted(phone: Phone, live: LiveState, now: number): PhoneEntry {
  const device = live.devices.find((d) => d.mac === phone.mac);
  const people = live.people.filter((p) => phone.people.includes(p.number));
  const registered = people.filter((p) => p.registrations.some((r) => r.mac === phone.mac));
  const registration = registered.flatMap((p) => p.registrations).find((r) => r.mac === phone.mac);
  const problem = live.problems.find((p: ProblemView) => phoneOf(p.subject) === phone.mac);
  const state =
    problem !== undefined || device?.state === 'failed'
      ? 'needs-attention'
      : registration === undefined
        ? silentState(device, now)
        : registered.some((p) => personState(p) === 'in-a-call')
          ? 'in-a-call'
          : 'ready';
  return {
    key: phone.mac,
    mac: phone.mac,
    label: device ? deviceName(device) : phone.model,
    kind: device?.vendor === 'linphone' || phone.model.toLowerCase() === 'linphone' ? 'soft' : 'desk',
    people: phone.people,
    state,
    lastSeen: state === 'not-reachable' && device && device.last_seen > 0 ? device.last_seen : undefined,
    address: registration?.address ?? device?.address,
    // A phone that works has no reason to be explained: it may have asked for a file too many.
    reason: state === 'ready' || state === 'in-a-call' ? undefined : (device?.reason ?? undefined),
    story: storyOf(state, device, phone.unencrypted),
    problem,
    settings: device?.settings,
    settingsReason: device?.settings_reason ?? undefined,
    base: phone.base,
    modules: phone.modules,
    mostModules: phone.most_modules,
    plainHttp: plainHttp(device),
    unencrypted: phone.unencrypted,
  };
}

function byHand(registration: RegistrationView, person: PersonView): PhoneEntry {
  return {
    key: `${person.number} ${registration.address}`,
    mac: undefined,
    label: registration.user_agent,
    kind: 'soft',
    people: [person.number],
    state: personState(person),
    lastSeen: undefined,
    address: registration.address,
    reason: undefined,
    story: undefined,
    problem: undefined,
    settings: undefined,
    settingsReason: undefined,
    base: undefined,
    modules: 0,
    mostModules: 0,
    plainHttp: undefined,
    unencrypted: false,
  };
}

/** Every phone of the office: those that the box set up, then those that were configured by hand and are registered.
 * `now` in seconds since 1970, by the box's clock. */
export function phoneEntries(office: Office, live: LiveState, now: number): PhoneEntry[] {
  const macs = new Set(office.phones.map((phone) => phone.mac));
  const others = live.people.flatMap((person) =>
    person.registrations
      .filter((r) => r.mac === undefined || r.mac === null || !macs.has(r.mac))
      .map((r) => byHand(r, person)),
  );
  return [...office.phones.map((phone) => adopted(phone, live, now)), ...others];
}

/** The phones that were found and wait for somebody: to say whose they are, also of one that was reset and asks again, or
 * to decide, or decide otherwise, about one that cannot make a safe connection. */
export function foundPhones(live: LiveState): DeviceView[] {
  const waits = (device: DeviceView) =>
    device.state === 'new'
      ? device.people.length === 0 || device.reason === 'waiting-for-adoption'
      : device.state === 'setting-up' && device.people.length === 0 && plainHttp(device) !== undefined;
  return live.devices.filter(waits);
}

/** The next internal number that nobody has, from 201 on. */
export function nextFreeNumber(office: Office): string {
  const taken = new Set([...office.people, ...office.ring_groups, ...office.conferences].map((entry) => Number(entry.number)));
  let next = 201;
  while (taken.has(next) && next < 699) next += 1;
  return String(next);
}
