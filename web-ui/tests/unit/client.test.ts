import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiProblem } from '$lib/api/problem';

// Addresses without a host, as a page has them; the client takes what is there when it is read.
class Request extends globalThis.Request {
  constructor(input: RequestInfo | URL, init?: RequestInit) {
    super(typeof input === 'string' ? new URL(input, 'https://box') : input, init);
  }
}
vi.stubGlobal('Request', Request);
const { answer, box } = await import('$lib/api/client');

const busy = (seconds: number) => new Response('{"code":"wait"}', { status: 429, headers: { 'retry-after': String(seconds) } });
const fetched = vi.fn<typeof fetch>();

beforeEach(() => {
  vi.useFakeTimers();
  fetched.mockReset();
  vi.stubGlobal('fetch', fetched);
});
afterEach(() => {
  vi.useRealTimers();
});

test('what is read while too much is asked comes when the box lets it', async () => {
  fetched.mockResolvedValueOnce(busy(2)).mockResolvedValueOnce(busy(1));
  fetched.mockResolvedValueOnce(Response.json({ state: 'login', language: 'nl' }));
  const session = answer(box.GET('/api/v1/session'));
  await vi.advanceTimersByTimeAsync(1999);
  expect(fetched, 'not before it may').toHaveBeenCalledTimes(1);
  await vi.advanceTimersByTimeAsync(1001);
  expect(await session).toEqual({ state: 'login', language: 'nl' });
});

test('a long wait is told', async () => {
  fetched.mockResolvedValueOnce(busy(60));
  await expect(answer(box.GET('/api/v1/session'))).rejects.toMatchObject({ code: 'wait', retryAfter: 60 });
});

test('nothing is changed twice', async () => {
  fetched.mockResolvedValueOnce(busy(1));
  await expect(answer(box.DELETE('/api/v1/session'))).rejects.toBeInstanceOf(ApiProblem);
  expect(fetched).toHaveBeenCalledOnce();
});
