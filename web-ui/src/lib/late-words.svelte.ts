/** Words that are needed seldom: fetched when they are, so that the first page need not carry them. */
import type { Language } from '$lib/i18n.svelte';
import type { providerProblems } from '$messages/provider.en';

export type ProviderProblems = typeof providerProblems;

class LateWords<T> {
  #loaders: Record<Language, () => Promise<T>>;
  #words = $state.raw<{ language: Language; words: T }>();
  #asked: Language | undefined;

  constructor(loaders: Record<Language, () => Promise<T>>) {
    this.#loaders = loaders;
  }

  /** The words in this language, or nothing until they have come. */
  in(language: Language): T | undefined {
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
      this.#words = { language, words };
    } catch {
      // Asked for again the next time.
      this.#asked = undefined;
    }
  }
}

/** What a provider means by a refusal. */
export const providerWords = new LateWords<ProviderProblems>({
  nl: async () => (await import('$messages/provider.nl')).providerProblems,
  fr: async () => (await import('$messages/provider.fr')).providerProblems,
  en: async () => (await import('$messages/provider.en')).providerProblems,
});
