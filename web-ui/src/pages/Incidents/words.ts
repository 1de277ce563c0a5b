/** The words of what was tried, and what they say of one incident. */
import type { Incident } from '$lib/api/types';
import { LateWords } from '$lib/late-words.svelte';
import type { Incidents } from '$messages/incidents.en';

export const incidentWords = new LateWords<Incidents>({
  nl: async () => (await import('$messages/incidents.nl')).incidents,
  fr: async () => (await import('$messages/incidents.fr')).incidents,
  en: async () => (await import('$messages/incidents.en')).incidents,
});

/** A word of the box, in words of the page; every limit on costs is one. */
export function wordOf(m: Incidents, code: string): string {
  const known = code.startsWith('spent-') ? 'spent' : code;
  return Object.entries(m.words).find(([word]) => word === known)?.[1] ?? m.words.other;
}

/** Whom an incident is about. */
export function aboutOf(m: Incidents, incident: Incident): string {
  const { about, subject } = incident;
  if (isOfUser(incident)) return m.about.user(subject);
  switch (about) {
    case 'address':
    case 'network':
    case 'account':
    case 'provider':
      return m.about[about](subject);
    default:
      return m.about.many;
  }
}

/** What whoever looks after the office should do. */
export function adviceOf(m: Incidents, incident: Incident): string {
  const { about, reached } = incident;
  if (reached === 'apart') return m.advice.apart;
  if (reached === 'page') return m.advice.page;
  if (reached === 'suspected') return m.advice.suspected;
  if (reached === 'at-provider') return m.advice.provider;
  if (incident.tried.some(({ what }) => what.endsWith('-posed'))) return m.advice.posed;
  if (about === 'address') return m.advice.office;
  if (isOfUser(incident)) return m.advice.user;
  return about === 'account' ? m.advice.person : m.advice.nothing;
}

/** Whether an account is a user of the page, and no phone's. */
function isOfUser({ about, tried }: Incident): boolean {
  return about === 'account' && tried[0]?.what === 'page-distributed';
}

/** What is due of an incident, in words. */
export function dutyOf(m: Incidents, duty: string): string {
  const { provider, authority, damage, claim } = m.deadlines;
  return Object.entries({ provider, authority, damage, claim }).find(([known]) => known === duty)?.[1] ?? m.words.other;
}
