/** Light or dark: as the system says, unless this browser's user chose. */
export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

const KEY = 'centrale.theme';

/** What was chosen in this browser. */
export function chosenTheme(): Theme {
  const stored = window.localStorage.getItem(KEY);
  return themes.find((theme) => theme === stored) ?? 'system';
}

/** Shows the page in this theme, now and next time. */
export function chooseTheme(theme: Theme): void {
  window.localStorage.setItem(KEY, theme);
  applyTheme();
}

/** Shows the page in the chosen theme. */
export function applyTheme(): void {
  const theme = chosenTheme();
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
