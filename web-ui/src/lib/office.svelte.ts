/** The office as it was decided: read once, and again whenever the box says that it changed. */
import { answer, box } from '$lib/api/client';
import type { Office } from '$lib/api/types';

class CurrentOffice {
  /** Undefined until it was read. */
  value = $state.raw<Office>();

  async refresh(): Promise<void> {
    const office = await answer(box.GET('/api/v1/office'));
    if (this.value === undefined || office.revision >= this.value.revision) this.value = office;
  }

  /** Who has this internal number: a person or a ring group. */
  nameOf(number: string): string | undefined {
    const has = (entry: { number: string }) => entry.number === number;
    return this.value?.people.find(has)?.name ?? this.value?.ring_groups.find(has)?.name;
  }
}

export const office = new CurrentOffice();
