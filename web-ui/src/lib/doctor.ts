/** What the doctor says of the way to a provider, as the page shows it. */
import { LateWords } from '$lib/late-words.svelte';
import type { DoctorView } from '$lib/api/types';
import type { Doctor } from '$messages/doctor.en';

export const doctorWords = new LateWords<Doctor>({
  nl: async () => (await import('$messages/doctor.nl')).doctor,
  fr: async () => (await import('$messages/doctor.fr')).doctor,
  en: async () => (await import('$messages/doctor.en')).doctor,
});

export type NoticeWord = keyof Doctor['notices'];

/** What each deed comes to in the office. What nobody notices by itself is not here. */
const NOTICED: Record<string, NoticeWord[]> = {
  'rewrites-via': ['sound', 'incoming'],
  'rewrites-contact': ['lost', 'incoming'],
  'rewrites-parties': ['hold'],
  'rewrites-call-id': ['hold', 'lost'],
  'rewrites-request-uri': ['incoming'],
  'rewrites-sdp': ['sound'],
  'changes-content-length': ['lost'],
  'lowers-expires': ['incoming'],
  'pins-port': ['lost', 'incoming'],
  'answers-itself': ['lost', 'incoming'],
  'drops-register': ['incoming'],
  'drops-invite': ['lost'],
  'drops-in-dialog': ['hold', 'lost'],
  'drops-answers': ['lost'],
  'drops-descriptions': ['lost'],
  'drops-large': ['lost'],
  'drops-media': ['sound'],
  'times-out': ['incoming'],
};
const ORDER: NoticeWord[] = ['sound', 'lost', 'hold', 'incoming'];

/** What people notice of what is done on the way, each once, the commonest first. */
export function noticed(view: DoctorView): NoticeWord[] {
  const all = new Set(view.deeds.flatMap((deed) => NOTICED[deed] ?? []));
  return ORDER.filter((word) => all.has(word));
}

/** Every code of a deed that has a consequence here. */
export const knownDeeds = Object.keys(NOTICED);

/** The lines for an installer: what gave it, and what came of each question. */
export function evidenceOf(view: DoctorView): string[] {
  const piece = ({ what, expected, came }: DoctorView['evidence'][number]) => `${what}: ${expected} | ${came}`;
  const where = `SIP ALG, ${view.transport} ${String(view.port)}, ${view.direction}${view.hop === '' ? '' : `, ${view.hop}`}`;
  const probes = view.probes.map((probe) => `${probe.name} ${probe.outcome}`).join(', ');
  return [where, ...view.evidence.map(piece), ...(probes === '' ? [] : [probes])];
}

/** The word for the way round a router, out of the stable name that the box gives it. */
export function wayWord(way: string): keyof Doctor['ways'] {
  if (way === 'TLS') return 'tls';
  if (way.startsWith('port ')) return 'port';
  return way.startsWith('TCP') ? 'split' : 'hidden';
}
