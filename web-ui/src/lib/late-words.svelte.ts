/** Words that not every page needs: fetched when they are, so that the first page need not carry them. */
import { i18n, type Language } from '$lib/i18n.svelte';

export class LateWords<T> {
  #loaders: Record<Language, () => Promise<T>>;
  #words = $state.raw<{ language: Language; words: T }>();
  #asked: Language | undefined;

  constructor(loaders: Record<Language, () => Promise<T>>) {
    this.#loaders = loaders;
  }

  /** The words in the language of the page, or nothing until they have come. */
  get m(): T | undefined {
    const { language } = i18n;
    if (this.#words?.language === language) return this.#words.words;
    if (this.#asked !== language) {
      this.#asked = language;
      void this.#fetch(language);
    }
    return undefined;
  }

  async #fetch(language: Language): Promise<void> {
    try {
      const words = await this.#loaders[language]();
      if (this.#asked === language) this.#words = { language, words };
    } catch {
      // Asked for again the next time.
      this.#asked = undefined;
    }
  }
}
