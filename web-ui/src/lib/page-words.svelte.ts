/** The words of one part of the page, loaded with that part: what is not on the first screen does not delay it. */
import { i18n, type Language } from '$lib/i18n.svelte';

export class PageWords<T> {
  #words = $state.raw<T>();

  /** For a component while it is initialised: the words follow the language of the page. */
  constructor(loaders: Record<Language, () => Promise<T>>) {
    $effect(() => {
      const language = i18n.language;
      void loaders[language]().then((words) => {
        if (language === i18n.language) this.#words = words;
      });
    });
  }

  /** Undefined until they have come. */
  get m(): T | undefined {
    return this.#words;
  }
}
