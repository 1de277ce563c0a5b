/** The forms of a counted thing that Dutch, French and English have. */
export interface Forms {
  one: string;
  other: string;
}

/** The count with its noun in the right form; `#` in a form stands for the count. */
export function counter(locale: string): (count: number, forms: Forms) => string {
  const rules = new Intl.PluralRules(locale);
  const numbers = new Intl.NumberFormat(locale);
  return (count, forms) =>
    (rules.select(count) === 'one' ? forms.one : forms.other).replace('#', numbers.format(count));
}
