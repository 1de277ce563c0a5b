import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const source = new URL('../../src/', import.meta.url);
const tokens = readFileSync(new URL('tokens.css', source), 'utf8');

function colours(theme: 0 | 1): Record<string, string> {
  const pairs = tokens.matchAll(/--([\w-]+): light-dark\((#\w+), (#\w+)\)/g);
  return Object.fromEntries([...pairs].map((match) => [match[1] ?? '', match[2 + theme] ?? '']));
}

/** Relative luminance (WCAG 2.2). */
function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

// Text needs 4.5 (WCAG 2.2, 1.4.3) and the borders of controls 3 (1.4.11).
const TEXT: [string, string[]][] = [
  ['text', ['surface', 'sunken', 'accent-soft', 'ok-soft', 'warn-soft', 'bad-soft', 'hairline']],
  ['muted', ['surface', 'sunken', 'accent-soft', 'hairline']],
  ['accent', ['surface', 'sunken', 'accent-soft']],
  ['accent-strong', ['surface', 'accent-soft']],
  ['on-accent', ['accent', 'accent-strong']],
  ['ok', ['surface', 'ok-soft']],
  ['warn', ['surface', 'warn-soft']],
  ['bad', ['surface', 'sunken', 'bad-soft']],
  ['surface', ['bad']],
];

describe.each([
  ['light', 0],
  ['dark', 1],
] as const)('in the %s theme', (_, theme) => {
  const colour = colours(theme);
  const pairs = TEXT.flatMap(([text, grounds]) => grounds.map((ground) => [text, ground] as const));

  test.each(pairs)('%s can be read on %s', (text, ground) => {
    expect(contrast(colour[text] ?? '', colour[ground] ?? '')).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['surface', 'sunken'])('the border of a control stands out from %s', (ground) => {
    expect(contrast(colour['line'] ?? '', colour[ground] ?? '')).toBeGreaterThanOrEqual(3);
  });
});

const sheets = readdirSync(source, { recursive: true })
  .map(String)
  .filter((name) => /\.(css|svelte)$/.test(name) && name !== 'tokens.css')
  .map((name) => [name, readFileSync(new URL(name, source), 'utf8')] as const);

test('colours stand in tokens.css and nowhere else', () => {
  const style = (text: string) => /<style>[^]*<\/style>/.exec(text)?.[0] ?? text;
  const literal = /:[^;{}]*(#[0-9a-f]{3,8}\b|\b(rgb|hsl|oklch|lab)a?\()/i;
  const offenders = sheets.filter(([name, text]) => literal.test(name.endsWith('.css') ? text : style(text)));
  expect(offenders.map(([name]) => name)).toEqual([]);
});

test('directions are logical, so that no sheet says left or right', () => {
  const physical = /(?<![\w-])(margin|padding|border|inset)-(left|right|top|bottom)|[\s;{](left|right):|text-align: (left|right)/;
  expect(sheets.filter(([, text]) => physical.test(text)).map(([name]) => name)).toEqual([]);
});

test('nothing is written inline that the security policy would refuse', () => {
  const inline = / style="|<script>[^<]|\{@html| on\w+="/;
  expect(sheets.filter(([, text]) => inline.test(text)).map(([name]) => name)).toEqual([]);
});
