import { expect, test } from 'vitest';
import { problemFrom } from '$lib/api/problem';

const response = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });

test('a refusal carries its code, its field and how long to wait', () => {
  const problem = problemFrom({ code: 'wait', field: 'password' }, response(429, { 'retry-after': '8' }));
  expect(problem).toMatchObject({ code: 'wait', status: 429, field: 'password', retryAfter: 8 });
});

test.each([[undefined], ['<html>'], [{ code: 7 }], [null]])('an answer that is no problem document (%j) is named by its status', (body) => {
  expect(problemFrom(body, response(502))).toMatchObject({ code: 'http-502', field: undefined, retryAfter: undefined });
});

test('a refused file names its lines', () => {
  const lines = [{ line: 3, code: 'amount', detail: '"cheap" is no price' }];
  expect(problemFrom({ code: 'deck-wrong', lines }, response(422)).lines).toEqual(lines);
  expect(problemFrom({ code: 'deck-wrong', lines: 'many' }, response(422)).lines).toEqual([]);
});
