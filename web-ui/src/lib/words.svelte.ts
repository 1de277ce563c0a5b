/** Words for what the box tells in codes and numbers. */
import { alertWords } from '$lib/alert-words';
import { ApiProblem } from '$lib/api/problem';
import type { ProblemView } from '$lib/api/types';
import { macAddress, phoneNumber } from '$lib/format';
import { i18n } from '$lib/i18n.svelte';
import { live } from '$lib/live.svelte';
import { providerWords } from '$lib/provider-words';
import { office } from '$lib/office.svelte';
import type { PhoneEntry } from '$lib/phones';
import { region } from '$lib/region.svelte';
import { personOf, phoneOf } from '$lib/subject';
import { trustWords } from '$lib/trust-words';
import { usageWords } from '$lib/usage-words';

/** The entry of a catalogue for a code, if there is one. */
export function entry<T>(known: Record<string, T>, code: string): T | undefined {
  return Object.hasOwn(known, code) ? known[code] : undefined;
}

/** Why something was refused, in a sentence. A form may have words of its own, which go before everybody's. */
export function reasonOf(problem: ApiProblem, own: Record<string, string> = {}): string {
  return entry(own, problem.code) ?? entry(i18n.m.fields.known, problem.code) ?? i18n.m.fields.unknown;
}

/** Whether it was refused for want of a right code of the second step. */
export function asksSecondCode(problem: ApiProblem | undefined): boolean {
  return problem?.code.startsWith('second-code-') ?? false;
}

/** Whether it was refused for want of a right password or code: the field for it says so, or whoever was asked closed the question. */
export function asksProof(problem: ApiProblem | undefined): boolean {
  return problem?.code === 'wrong-password' || problem?.code === 'proof-needed' || asksSecondCode(problem);
}

/** What only the installer wants to see of a refusal; undefined when the sentence says it all. */
export function installerLines(problem: ApiProblem): string[] | undefined {
  if (entry(i18n.m.fields.known, problem.code) !== undefined) return undefined;
  return [problem.code, problem.detail].filter((line) => line !== undefined && line !== '') as string[];
}

/** Who a problem is about, by the name that the office knows. */
export function subjectName(subject: string): string {
  const mac = phoneOf(subject);
  const phone = office.value?.phones.find((candidate) => candidate.mac === mac);
  const people = phone?.people ?? [personOf(subject) ?? ''];
  const names = people.map((number) => office.nameOf(number)).filter((name) => name !== undefined);
  const whose = names.length === 0 ? i18n.m.problems.aPhone : i18n.m.problems.phoneOf(names.join(', '));
  return phone?.room ? `${whose} (${phone.room})` : whose;
}

/** The words of a problem that not every page needs. */
function lateWords(code: string): object | undefined {
  if (/^(provider|router|deck|phone-path|phone-messages)-|^trunk-(?:ref|unr)/.test(code)) return providerWords.m;
  if (/^(use|alarm|lan)-/.test(code)) return usageWords.m?.known;
  if (code.startsWith('alert-')) return alertWords.m?.known;
  return /^(incident-due|page-entered|phone-unknown|attempts-got-in|office-under-attack|trunk-elsewhere|trunk-locked-out)$/.test(code) ? trustWords.m?.known : undefined;
}

/** The words of a problem: its title, why, the button (empty when there is none), and the lines for the installer. */
export function problemWords(problem: ProblemView): { title: string; why: string; fix: string; lines: string[] } {
  const mac = phoneOf(problem.subject);
  const subject = mac === undefined ? problem.subject : macAddress(mac);
  const lines = [problem.code, subject, problem.detail].filter((line) => line !== '');
  const late = lateWords(problem.code);
  type Title = string | ((subject: string, detail: string, elsewhere: boolean) => string);
  const words = entry<{ title: Title; why: string; fix: string }>(
    { ...i18n.m.problems.known, ...late },
    problem.code,
  );
  if (words === undefined) return { ...i18n.m.problems.unknown, fix: '', lines };
  const person = /^(use|alert|alarm|lan)-/.test(problem.code) ? office.nameOf(problem.subject) ?? problem.subject : undefined;
  const ofTrunk = /^(provider|router|deck|trunk)-|^help-/.test(problem.code);
  // Where there are several providers, which of them, also where a router on the way to it is meant.
  const trunk = office.value?.trunks[1] ? problem.subject : i18n.m.problems.aProvider;
  const about = ofTrunk ? trunk : person ?? subjectName(problem.subject);
  const named = ofTrunk && office.value?.trunks[1] ? `${about} – ` : '';
  if (typeof words.title === 'string') return { ...words, title: named + words.title, lines };
  // Whether calls can go over another provider than this one.
  const elsewhere = live.state.trunks.some(({ name, state }) => name !== problem.subject && state === 'connected');
  const title = words.title(about, problem.detail, elsewhere);
  return { ...words, title: title.charAt(0).toUpperCase() + title.slice(1), lines };
}

/** Why a phone is not further and what to do, in a sentence; undefined when there is no reason. `code` is what the
 * phone's screen shows while it waits. */
export function phoneReason(reason: string | null | undefined, code = ''): string | undefined {
  if (reason === null || reason === undefined) return undefined;
  const words = entry<string | ((code: string) => string)>(i18n.m.phones.reasons, reason) ?? i18n.m.phones.reasonUnknown;
  return typeof words === 'function' ? words(code) : words;
}

/** What the certificate that a phone shows is worth, in a sentence. */
export function certificateWords(code: string | null | undefined): string | undefined {
  return code === null || code === undefined ? undefined : entry<string>(i18n.m.phones.certificate, code);
}

/** What to know of a phone that is not ready, in a sentence. */
export function phoneStory(phone: PhoneEntry): string | undefined {
  const reason = phoneReason(phone.reason);
  if (reason !== undefined || phone.problem === undefined)
    return reason ?? (phone.story && i18n.m.phones.story[phone.story]);
  const { title, why } = problemWords(phone.problem);
  return `${title} ${why}`;
}

/** How far a phone's settings are, in a sentence. */
export function settingsWords(phone: PhoneEntry): string | undefined {
  if (phone.settings === undefined) return undefined;
  return phoneReason(phone.settingsReason) ?? i18n.m.phones.settings[phone.settings];
}

/** Who is at one end of a call: a colleague's name, a known name, or the number as people write it. */
export function partyName(number: string, name: string): string {
  if (name !== '' && name !== number) return name;
  if (number === '' || number === 'anonymous') return i18n.m.call.unknownCaller;
  return office.nameOf(number) ?? phoneNumber(number, region().country);
}

/** Who made a change, in words; an unknown author as he called himself. */
export function authorName(who: string): string {
  return entry<string>(i18n.m.settings.changes.who, who) ?? who;
}
