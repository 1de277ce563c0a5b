import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actWords } from '$lib/acts';
import { access } from '$messages/access.en';

const document = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as {
  paths: Record<string, Record<string, unknown>>;
};

test('everything that can be changed has words in the log', () => {
  const writes = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((method) => method !== 'get')
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
  // Set-up has a word of its own, and the log is never changed.
  const wordless = writes.filter((what) => what !== 'POST /api/v1/setup' && actWords(what, access.log) === what);
  expect(wordless).toEqual([]);
  expect(writes.length).toBeGreaterThan(40);
});

test('what no route is has a word of its own, and what nobody knows stays as it is', () => {
  expect(actWords('log-in-wrong', access.log)).toBe('used a wrong name or password');
  expect(actWords('PUT /api/v1/people/{number}', access.log)).toBe('changed a colleague');
  expect(actWords('of a later version', access.log)).toBe('of a later version');
});
