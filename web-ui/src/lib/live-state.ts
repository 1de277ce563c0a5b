/** What the box tells while it happens: one value, and how each event changes it. Pure, so that it can be tested as a table. */
import type { CallView, DeviceView, LiveSnapshot, PersonView, ProblemView, StopView, TrunkView } from '$lib/api/types';

/** A call with the moment at which its `seconds` were true (milliseconds of the page's own clock). */
export interface LiveCall extends CallView {
  told: number;
}

/** Everything live. */
export interface LiveState {
  people: PersonView[];
  calls: LiveCall[];
  trunks: TrunkView[];
  /** Calls that somebody stopped. */
  stops: StopView[];
  problems: ProblemView[];
  devices: DeviceView[];
  /** Until when the box takes in new phones (seconds since 1970), or null when it does not. */
  openUntil: number | null;
  /** Revision of the office that the box works from. */
  revision: number;
  /** Id of the call that was last written in the log; a reason to look again. */
  lastRecord: string;
}

/** The names of the events, with what each carries. */
export interface LiveEvents {
  snapshot: LiveSnapshot;
  person: PersonView;
  'person-gone': { number: string };
  call: CallView;
  'call-gone': { id: string };
  trunk: TrunkView;
  'trunk-gone': { name: string };
  stops: { stops: StopView[] };
  problem: ProblemView;
  'problem-gone': { code: string; subject: string };
  device: DeviceView;
  'device-gone': { mac: string };
  window: { open_until: number | null };
  office: { revision: number };
  record: { id: string };
}

export const nothingYet: LiveState = {
  people: [],
  calls: [],
  trunks: [],
  stops: [],
  problems: [],
  devices: [],
  openUntil: null,
  revision: 0,
  lastRecord: '',
};

/** Replaces the entry with the same key in its place, or adds it at the end. */
function put<T>(list: T[], entry: T, same: (other: T) => boolean): T[] {
  return list.some(same) ? list.map((other) => (same(other) ? entry : other)) : [...list, entry];
}

type Step<E extends keyof LiveEvents> = (state: LiveState, data: LiveEvents[E], now: number) => LiveState;

const sameProblem = (a: { code: string; subject: string }) => (b: ProblemView) =>
  a.code === b.code && a.subject === b.subject;

export const steps: { [E in keyof LiveEvents]: Step<E> } = {
  snapshot: (state, data, now) => ({
    people: data.people,
    calls: data.calls.map((call) => ({ ...call, told: now })),
    trunks: data.trunks,
    stops: data.stops,
    problems: data.problems,
    devices: data.devices,
    openUntil: data.window.open_until,
    revision: data.revision,
    // Calls may have been logged while nobody listened.
    lastRecord: `${state.lastRecord}+`,
  }),
  person: (state, person) => ({
    ...state,
    people: put(state.people, person, (p) => p.number === person.number).sort((a, b) =>
      a.number.localeCompare(b.number, 'en', { numeric: true }),
    ),
  }),
  'person-gone': (state, { number }) => ({ ...state, people: state.people.filter((p) => p.number !== number) }),
  call: (state, call, now) => ({
    ...state,
    calls: put(state.calls, { ...call, told: now }, (c) => c.id === call.id),
  }),
  'call-gone': (state, { id }) => ({ ...state, calls: state.calls.filter((c) => c.id !== id) }),
  trunk: (state, trunk) => ({ ...state, trunks: put(state.trunks, trunk, (t) => t.name === trunk.name) }),
  'trunk-gone': (state, { name }) => ({ ...state, trunks: state.trunks.filter((t) => t.name !== name) }),
  stops: (state, { stops }) => ({ ...state, stops }),
  problem: (state, problem) => ({ ...state, problems: put(state.problems, problem, sameProblem(problem)) }),
  'problem-gone': (state, gone) => ({ ...state, problems: state.problems.filter((p) => !sameProblem(gone)(p)) }),
  device: (state, device) => ({ ...state, devices: put(state.devices, device, (d) => d.mac === device.mac) }),
  'device-gone': (state, { mac }) => ({ ...state, devices: state.devices.filter((d) => d.mac !== mac) }),
  window: (state, { open_until }) => ({ ...state, openUntil: open_until }),
  office: (state, { revision }) => ({ ...state, revision }),
  record: (state, { id }) => ({ ...state, lastRecord: id }),
};

/** The state after an event. Text that is not what the event promises leaves the state as it was. */
export function after<E extends keyof LiveEvents>(state: LiveState, event: E, text: string, now: number): LiveState {
  let data: LiveEvents[E];
  try {
    data = JSON.parse(text) as LiveEvents[E];
  } catch {
    return state;
  }
  return steps[event](state, data, now);
}
