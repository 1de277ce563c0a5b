/** The one door to the box: typed calls, the CSRF header on every write, refusals as `ApiProblem`. */
import createClient from 'openapi-fetch';
import type { paths } from './openapi';
import { ApiProblem, problemFrom, secondsToWait } from './problem';

let csrf: string | undefined;
let clockAhead = 0;
let onLoggedOut: () => void = () => undefined;
let onForbidden: (refused: Response, again: Request) => Response | Promise<Response> = (refused) => refused;

/** Remembers the token that every write carries. */
export function rememberCsrf(token: string | undefined): void {
  csrf = token;
}

/** Called when the box says that the session is over. */
export function whenLoggedOut(then: () => void): void {
  onLoggedOut = then;
}

/** Called when the box forbids something, which may then be asked again. */
export function whenForbidden(then: typeof onForbidden): void {
  onForbidden = then;
}

/** The box's clock in milliseconds since 1970, as far as its answers told; a browser's own clock may be wrong. */
export function boxNow(): number {
  return Date.now() + clockAhead;
}

/** The longest wait, in seconds, of which nobody is told. */
const PATIENCE = 10;

/** Asks the box; once more where what is forbidden wants a proof only. What is only read waits while too much is asked at once:
 * who goes through the page in a hurry sees it later, and no refusal that says nothing to them. */
async function ask(request: Request): Promise<Response> {
  const again = request.clone();
  const response = await fetch(request);
  const wait = secondsToWait(response);
  if (response.status === 429 && request.method === 'GET' && wait > 0 && wait <= PATIENCE) {
    await new Promise((then) => setTimeout(then, 1000 * wait));
    return ask(again);
  }
  return response.status === 403 ? onForbidden(response, again) : response;
}

const client = createClient<paths>({ baseUrl: '', credentials: 'same-origin', fetch: ask });

client.use({
  onRequest({ request }) {
    if (csrf !== undefined && request.method !== 'GET') request.headers.set('X-Centrale-CSRF', csrf);
    return request;
  },
  onResponse({ response }) {
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header has whole seconds: a smaller difference says nothing.
    if (!Number.isNaN(date)) clockAhead = Math.abs(date - Date.now()) > 2000 ? date - Date.now() : 0;
    return response;
  },
});

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

/** The body of a successful answer; throws `ApiProblem` otherwise. */
export async function answer<T>(request: Promise<Answer<T>>): Promise<T> {
  let result: Answer<T>;
  try {
    result = await request;
  } catch {
    throw new ApiProblem('no-connection', 0);
  }
  if (result.response.ok) return result.data as T;
  const problem = problemFrom(result.error, result.response);
  if (problem.status === 401) onLoggedOut();
  throw problem;
}

export { client as box };
