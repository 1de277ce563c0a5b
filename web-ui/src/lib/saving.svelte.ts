/** One action of the user on its way: saving, confirmed by the box, not confirmed yet, or refused. */
import { ApiProblem } from '$lib/api/problem';
import { live } from '$lib/live.svelte';

/** How long a confirmation may take before we say that it did not come (milliseconds). */
const PATIENCE = 5000;

export class Saving {
  state = $state<'idle' | 'saving' | 'saved' | 'unconfirmed' | 'refused'>('idle');
  problem = $state.raw<ApiProblem>();
  #revision = $state(0);
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    $effect(() => {
      if (this.#revision > 0 && live.state.revision >= this.#revision) this.#settle('saved');
    });
  }

  /** Runs the action. With a revision as its answer, it is saved when the box works from that revision. */
  async run<T>(action: () => Promise<T>): Promise<T | undefined> {
    this.#settle('saving');
    this.problem = undefined;
    try {
      const result = await action();
      const revision = (result as { revision?: number } | undefined)?.revision;
      if (revision === undefined || revision <= live.state.revision) this.#settle('saved');
      else {
        this.#revision = revision;
        this.#timer = setTimeout(() => (this.state = 'unconfirmed'), PATIENCE);
      }
      return result;
    } catch (error) {
      this.problem = error instanceof ApiProblem ? error : new ApiProblem('page-failed', 0, undefined, String(error));
      this.#settle('refused');
      return undefined;
    }
  }

  /** The problem that belongs to this field, if there is one. */
  of(field: string): ApiProblem | undefined {
    return this.problem?.field === field ? this.problem : undefined;
  }

  #settle(state: Saving['state']): void {
    clearTimeout(this.#timer);
    this.#revision = 0;
    this.state = state;
  }
}
