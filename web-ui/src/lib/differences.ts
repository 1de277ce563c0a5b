/** Words for what a change of the office made different. */
import type { Difference } from '$lib/api/types';
import { phoneNumber } from '$lib/format';
import { i18n } from '$lib/i18n.svelte';
import { region } from '$lib/region.svelte';

/** What a change made different, in words. */
export function differenceWords({ matter, turn, subject, name }: Difference): string {
  const words = i18n.m.settings.changes;
  const id = matter === 'inbound' || matter === 'contact' ? phoneNumber(subject, region().country) : subject;
  // A phone is known by whose it is rather than by its address.
  return words.turn[turn](words.matter[matter](name === '' ? id : matter === 'phone' ? name : `${name} (${id})`));
}
