/** What calls cost: the words, and amounts as they are typed. */
import { LateWords } from '$lib/late-words.svelte';
import type { Costs } from '$messages/costs.en';

export const costsWords = new LateWords<Costs>({
  nl: async () => (await import('$messages/costs.nl')).costs,
  fr: async () => (await import('$messages/costs.fr')).costs,
  en: async () => (await import('$messages/costs.en')).costs,
});

/** The cents of an amount of euro as it is typed, `75`, `€ 75,5` or `75.50`; undefined when it is none. */
export function centsFrom(typed: string): number | undefined {
  const text = typed.replace(/[\s€]/g, '').replace(/,-$/, '');
  const [, euros = '', rest = ''] = /^(\d{1,6})(?:[.,](\d{1,2}))?$/.exec(text) ?? [];
  return euros === '' ? undefined : Number(euros) * 100 + Number(rest.padEnd(2, '0'));
}
