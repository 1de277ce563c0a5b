/** Where the office is, for the functions of `format`. */
import { i18n } from '$lib/i18n.svelte';
import { localeOf, type Region } from '$lib/format';
import { office } from '$lib/office.svelte';

/** The region to write for; the Netherlands until the office is known. */
export function region(): Region {
  const identity = office.value?.identity;
  const country = identity?.country ?? 'NL';
  return { country, locale: localeOf(i18n.language, country), timeZone: identity?.time_zone };
}
