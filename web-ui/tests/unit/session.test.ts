import { beforeEach, expect, test, vi } from 'vitest';
import type { Me, Session } from '$lib/api/types';

const reload = vi.fn();
vi.stubGlobal('window', { location: { reload }, localStorage: { setItem: () => undefined } });
const ended = vi.hoisted((): { then: () => void } => ({ then: () => undefined }));
vi.mock('$lib/api/client', () => ({
  answer: (request: unknown) => request,
  box: { DELETE: () => Promise.resolve() },
  rememberCsrf: () => undefined,
  whenLoggedOut: (then: () => void) => (ended.then = then),
}));

const anna: Me = { name: 'Anna', role: 'person', person: '201', may: [] };
const as = (me: Me): Session => ({ state: 'open', language: 'nl', me });
const nobody: Session = { state: 'login', language: 'nl' };
let session: (typeof import('$lib/session.svelte'))['session'];

beforeEach(async () => {
  reload.mockClear();
  vi.resetModules();
  ({ session } = await import('$lib/session.svelte'));
});

for (const [who, next] of Object.entries({
  'somebody else': { ...anna, name: 'Bram' },
  'the same name with another role': { ...anna, role: 'reception' },
  'the same name for another person': { ...anna, person: '202' },
}))
  test(`what was read for one user is not shown to ${who}`, () => {
    session.adopt(as(anna));
    ended.then();
    session.adopt(nobody);
    expect(reload).not.toHaveBeenCalled();
    session.adopt(as(next));
    expect(reload).toHaveBeenCalledOnce();
    expect(session.state, 'nothing is shown meanwhile').toBe('login');
  });

test('the same user goes on where the session ended', () => {
  session.adopt(as(anna));
  ended.then();
  session.adopt(as(anna));
  expect(reload).not.toHaveBeenCalled();
  expect(session.state).toBe('open');
});

test('after logging out the tab keeps nothing', async () => {
  session.adopt(as(anna));
  await session.logOut();
  expect(reload).toHaveBeenCalledOnce();
});
