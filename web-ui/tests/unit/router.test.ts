import { expect, test, vi } from 'vitest';

const page = Object.assign(new EventTarget(), {
  location: { pathname: '/people', hash: '' },
  history: { replaceState: (_: unknown, __: string, path: string) => Object.assign(page.location, { pathname: path, hash: '' }) },
});
vi.stubGlobal('window', page);
vi.stubGlobal('document', new EventTarget());

test('an invitation that is opened where the page is shown already is followed, once', async () => {
  const { router } = await import('$lib/router.svelte');
  expect(router.invitation).toBeUndefined();
  for (const [hash, invitation] of [['#join=ABC', 'ABC'], ['#join', ''], ['#router', undefined], ['#join=DEF', 'DEF']] as const) {
    page.location.hash = hash;
    page.dispatchEvent(new Event('hashchange'));
    expect(router.invitation, hash).toBe(invitation);
  }
  router.dropInvitation();
  expect(router.invitation).toBeUndefined();
  expect(page.location).toEqual({ pathname: '/', hash: '' });
  expect(router.place.page).toBe('home');
});
