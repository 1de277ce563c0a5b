import { describe, expect, test } from 'vitest';
import { callsOnLine, capacity, kbitOf, mbitOf } from '$lib/line';

describe('the speed of the line', () => {
  test('is typed with a comma or a point, and left empty when nobody knows it', () => {
    expect(kbitOf('20')).toBe(20_000);
    expect(kbitOf(' 1,5 ')).toBe(1_500);
    expect(kbitOf('1.5')).toBe(1_500);
    expect(kbitOf('')).toBeNull();
  });

  test('is no speed when it carries no call, or when no line has it', () => {
    for (const wrong of ['0', '0,09', '10001', 'fast', '-3', '1e3', '1.2.3']) expect(kbitOf(wrong)).toBeUndefined();
    expect(kbitOf('0,1')).toBe(100);
    expect(kbitOf('10000')).toBe(10_000_000);
  });

  test('is shown as it was typed, and in calls', () => {
    for (const text of ['20', '1.5', '']) expect(mbitOf(kbitOf(text))).toBe(text);
    expect(callsOnLine(1_000)).toBe(10);
    expect(callsOnLine(199)).toBe(1);
  });
});

test('a table says what calls take of the line, up to as many as the contract allows', () => {
  expect(capacity(2)).toEqual([
    { calls: 1, mbit: 0.1 },
    { calls: 2, mbit: 0.2 },
  ]);
  expect(capacity(8).map((row) => row.calls)).toEqual([1, 2, 5, 8]);
});
