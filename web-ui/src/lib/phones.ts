/** The phones of the office with the one word that says how each is. Pure. */
import type { DeviceView, Office, PersonView, Phone, ProblemView, RegistrationView } from '$lib/api/types';
import type { LiveState } from '$lib/live-state';

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
  person: string;
  state: StateWord;
  /** When it was last heard (seconds since 1970), when it is not reachable and that is known. */
  lastSeen: number | undefined;
  address: string | undefined;
  /** Why it needs attention, as a code. */
  reason: string | undefined;
}

const MAKERS = { yealink: 'Yealink', snom: 'Snom', linphone: 'Linphone' };

/** `Yealink T54W`. */
export function deviceName(device: DeviceView): string {
  const maker = MAKERS[device.vendor];
  const model = device.model === '' ? '' : ` ${device.model}`;
  return device.model.toLowerCase().startsWith(device.vendor) ? device.model : `${maker}${model}`;
}

/** The word for a person: how their phones are together. */
export function personState(person: PersonView | undefined): StateWord {
  if (person === undefined || person.state === 'offline') return 'not-reachable';
  return person.state === 'busy' ? 'in-a-call' : 'ready';
}

function phoneState(device: DeviceView | undefined, registered: boolean, person: PersonView | undefined): StateWord {
  if (device?.state === 'failed') return 'needs-attention';
  if (registered) return personState(person);
  return device?.state === 'setting-up' ? 'setting-up' : 'not-reachable';
}

function adopted(phone: Phone, live: LiveState): PhoneEntry {
  const device = live.devices.find((d) => d.mac === phone.mac);
  const person = live.people.find((p) => p.number === phone.person);
  const registration = person?.registrations.find((r) => r.mac === phone.mac);
  const problem = live.problems.find((p: ProblemView) => p.subject === phone.mac);
  const state = problem ? 'needs-attention' : phoneState(device, registration !== undefined, person);
  return {
    key: phone.mac,
    mac: phone.mac,
    label: device ? deviceName(device) : phone.model,
    kind: device?.vendor === 'linphone' || phone.model.toLowerCase() === 'linphone' ? 'soft' : 'desk',
    person: phone.person,
    state,
    lastSeen: state === 'not-reachable' && device && device.last_seen > 0 ? device.last_seen : undefined,
    address: registration?.address ?? device?.address,
    reason: problem?.code ?? device?.reason ?? undefined,
  };
}

function byHand(registration: RegistrationView, person: PersonView): PhoneEntry {
  return {
    key: `${person.number} ${registration.address}`,
    mac: undefined,
    label: registration.user_agent,
    kind: 'soft',
    person: person.number,
    state: personState(person),
    lastSeen: undefined,
    address: registration.address,
    reason: undefined,
  };
}

/** Every phone of the office: those that the box set up, then those that were configured by hand and are registered. */
export function phoneEntries(office: Office, live: LiveState): PhoneEntry[] {
  const macs = new Set(office.phones.map((phone) => phone.mac));
  const others = live.people.flatMap((person) =>
    person.registrations
      .filter((r) => r.mac === undefined || r.mac === null || !macs.has(r.mac))
      .map((r) => byHand(r, person)),
  );
  return [...office.phones.map((phone) => adopted(phone, live)), ...others];
}

/** The phones that were found and wait to be taken into use. */
export function foundPhones(live: LiveState): DeviceView[] {
  return live.devices.filter((device) => device.state === 'new');
}

/** The next internal number that nobody has, from 201 on. */
export function nextFreeNumber(office: Office): string {
  const taken = new Set([...office.people, ...office.ring_groups].map((entry) => Number(entry.number)));
  let next = 201;
  while (taken.has(next) && next < 699) next += 1;
  return String(next);
}
