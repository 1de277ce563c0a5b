/** Where a problem is mended, and by whom. Pure. */
import type { ProblemView } from '$lib/api/types';
import type { Route } from '$lib/session.svelte';
import { personOf, phoneOf } from '$lib/subject';

const isStory = (code: string) => ['incident-due', 'page-entered', 'attempts-got-in'].includes(code);

/** Where the fix is, when it is a place on this page. `reads` is whether the phone that it is about can be told to read its settings. */
export function placeOf({ code, subject }: Pick<ProblemView, 'code' | 'subject'>, reads = phoneOf(subject) !== undefined): string | undefined {
  if (code.startsWith('device-')) return '/phones';
  if (code === 'deck-old') return '/costs';
  if (isStory(code)) return '/settings/incidents';
  if (code.startsWith('alert-')) return '/settings/protection#alerts';
  if (code.startsWith('router-')) return '/settings/provider#router';
  if (code !== 'phone-password-stale') return '/settings/provider';
  const person = personOf(subject);
  // A phone that was configured by hand, or an app, cannot be sent anything: its person's page makes a new password.
  return !reads && person !== undefined ? `/people/${person}` : undefined;
}

/** What only who can mend it may ask of the box. */
export function mendedWith(code: string): Route {
  if (code === 'deck-old') return 'PUT /api/v1/trunks/{name}/deck';
  if (isStory(code)) return 'PUT /api/v1/incidents/{id}/deadlines/{duty}';
  if (code.startsWith('alert-')) return 'PUT /api/v1/alerts';
  // Phones, the provider and the router are one trade.
  return 'POST /api/v1/people';
}
