/** Where the user is, on the History API. */
import { placeAt, type Place } from '$lib/place';

class Router {
  place = $state.raw<Place>(placeAt(window.location.pathname));
  /** The one-time code of an invitation that was followed, perhaps empty; undefined where none was. */
  invitation = $state(invitationIn(window.location.hash));
  #path = window.location.pathname;

  constructor() {
    window.addEventListener('popstate', () => this.#arrive());
    window.addEventListener('hashchange', () => (this.invitation = invitationIn(window.location.hash)));
    document.addEventListener('click', (event) => {
      const path = linkOf(event);
      if (path === undefined) return;
      event.preventDefault();
      this.go(path);
    });
  }

  /** Goes to an address of this page. */
  go(path: string): void {
    window.history.pushState(null, '', path);
    this.#arrive();
    window.scrollTo(0, 0);
  }

  /** The invitation is used up, or is not for who is here: the address must not lead to it again. */
  dropInvitation(): void {
    window.history.replaceState(null, '', '/');
    this.invitation = undefined;
    this.#arrive();
  }

  /** A jump within the page is no other place. */
  #arrive(): void {
    if (window.location.pathname === this.#path) return;
    this.#path = window.location.pathname;
    this.place = placeAt(this.#path);
  }
}

const invitationIn = (hash: string) => /^#join=?(.*)/.exec(hash)?.[1];

/** The address of an ordinary click on a link within the page; what the browser should do itself gives undefined. */
function linkOf(event: MouseEvent): string | undefined {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return undefined;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (link === null || link.target !== '' || link.hasAttribute('download') || link.origin !== window.location.origin)
    return undefined;
  if (link.pathname === window.location.pathname && link.hash !== '') return undefined;
  return placeAt(link.pathname).page === 'unknown' ? undefined : link.pathname + link.hash;
}

export const router = new Router();
