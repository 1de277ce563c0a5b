import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actWords, newest } from '$lib/acts';
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

test('whatever else the daemon writes into the log has words there', () => {
  const source = new URL('../../../daemon/http/src/', import.meta.url);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.rs'));
  const noted = files.flatMap((file) => {
    const text = readFileSync(new URL(file, source), 'utf8');
    const given = [...text.matchAll(/\.note(?:_often|_from)?\([^;]*?"([a-z-]+)"/g)].map(([, word = '']) => word);
    // A word that is chosen beforehand, as `what`.
    const calls = /\.note(?:_often|_from)?\([^;]*\bwhat\b/.test(text);
    const chosen = calls ? [...text.matchAll(/let what = ([^]*?)\.note/g)].flatMap(([, from = '']) => [...from.matchAll(/"([a-z-]+)"/g)]) : [];
    return [...given, ...chosen.map(([, word = '']) => word)];
  });
  expect(noted).toEqual(expect.arrayContaining(['health-token-wrong', 'passkey-copied', 'phone-let-go']));
  expect(noted.filter((what) => actWords(what, access.log) === what)).toEqual([]);
});

test('what no route is has a word of its own, and what nobody knows stays as it is', () => {
  expect(actWords('log-in-wrong', access.log)).toBe('used a wrong name or password');
  expect(actWords('PUT /api/v1/people/{number}', access.log)).toBe('changed a colleague');
  expect(actWords('PUT /api/v1/session/factor', access.log)).toBe('switched on the code step');
  expect(actWords('of a later version', access.log)).toBe('of a later version');
});

test.each([
  [9, 1000, 9],
  [501, 1000, 501],
  [501, 450, 450],
  [401, 400, 400],
  [201, 0, 0],
])('%i lines of a log of %i are read page by page, and never one twice', async (most, all, told) => {
  /** As the box: never more than 200 at once. */
  const page = ({ limit, before = all + 1 }: { limit: number; before?: number }) =>
    Promise.resolve(
      Array.from({ length: Math.min(limit, 200, before - 1) }, (_, index) => ({ number: before - 1 - index })),
    );
  const lines = await newest(most, page);
  expect(lines.map((line) => line.number)).toEqual(Array.from({ length: told }, (_, index) => all - index));
});
