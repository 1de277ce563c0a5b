/** The language of the page: the office's own, or what this browser's user chose. */
import type { Messages } from '$messages/en';

export const languages = ['nl', 'fr', 'en'] as const;
export type Language = (typeof languages)[number];

/** Each language's name in itself. */
export const languageNames: Record<Language, string> = { nl: 'Nederlands', fr: 'Français', en: 'English' };

const loaders: Record<Language, () => Promise<Messages>> = {
  nl: async () => (await import('$messages/nl')).nl,
  fr: async () => (await import('$messages/fr')).fr,
  en: async () => (await import('$messages/en')).en,
};

const KEY = 'centrale.language';

/** Whether the page has words for this language. */
export function isLanguage(text: string | null | undefined): text is Language {
  return languages.some((language) => language === text);
}

/** The first language of the browser that the page speaks, else Dutch. */
export function browserLanguage(): Language {
  const wanted = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  return wanted.find(isLanguage) ?? 'nl';
}

class I18n {
  language = $state<Language>('nl');
  #messages = $state.raw<Messages>();

  /** The words. Only to be read after `use` has resolved once. */
  get m(): Messages {
    if (this.#messages === undefined) throw new Error('no language loaded');
    return this.#messages;
  }

  get loaded(): boolean {
    return this.#messages !== undefined;
  }

  /** What the user of this browser chose, if they did. */
  get chosen(): Language | undefined {
    const stored = window.localStorage.getItem(KEY);
    return isLanguage(stored) ? stored : undefined;
  }

  /** Shows the page in this language. */
  async use(language: Language): Promise<void> {
    this.#messages = await loaders[language]();
    this.language = language;
    document.documentElement.lang = language;
  }

  /** Shows the page in this language, and again next time in this browser. */
  async choose(language: Language): Promise<void> {
    window.localStorage.setItem(KEY, language);
    await this.use(language);
  }
}

export const i18n = new I18n();
