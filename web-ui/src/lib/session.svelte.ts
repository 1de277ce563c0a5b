/** Who is looking: not set up, not logged in, or in. */
import { answer, box, rememberCsrf, whenLoggedOut } from '$lib/api/client';
import type { paths } from '$lib/api/openapi';
import type { Me, Session } from '$lib/api/types';

/** Something that is asked of the box: `PUT /api/v1/office/identity`. */
export type Route = `${'GET' | 'POST' | 'PUT' | 'DELETE'} ${keyof paths & string}`;

/** Where this browser keeps the name that was typed last. */
const NAME = 'centrale-name';

class CurrentSession {
  /** `unknown` until the box has answered for the first time. */
  state = $state<Session['state'] | 'unknown'>('unknown');
  language = $state<Session['language']>('nl');
  officeName = $state('');
  me = $state.raw<Me>();
  /** What is to be read and accepted before the page opens. */
  rules = $state.raw<Session['rules']>();
  /** The user whose data this tab has read. */
  #whose: Me | undefined;

  /** Whether the one who is logged in may ask this of the box. The box says so; it refuses the rest by itself. */
  may(route: Route): boolean {
    return this.me?.may.includes(route) ?? false;
  }

  /** The name that was typed here last, or that of the first owner. */
  get lastName(): string {
    return window.localStorage.getItem(NAME) ?? 'admin';
  }

  /** Takes over what the box says of the session. What this tab read for another user is not the next one's: it begins anew. */
  adopt(session: Session): void {
    if (session.me && this.#whose && !isSame(this.#whose, session.me)) {
      window.location.reload();
      return;
    }
    this.#whose = session.me ?? this.#whose;
    this.state = session.state;
    this.language = session.language;
    this.officeName = session.office_name ?? '';
    this.me = session.me;
    this.rules = session.rules;
    if (session.me) window.localStorage.setItem(NAME, session.me.name);
    rememberCsrf(session.csrf);
  }

  /** Asks the box. Throws `ApiProblem`. */
  async refresh(): Promise<void> {
    this.adopt(await answer(box.GET('/api/v1/session')));
  }

  /** `code` is of the second step; empty until the box asks for it. */
  async logIn(name: string, password: string, code: string): Promise<void> {
    this.adopt(await answer(box.POST('/api/v1/session', { body: { name, password, code } })));
  }

  async setUp(code: string, password: string, language: Session['language']): Promise<void> {
    this.adopt(await answer(box.POST('/api/v1/setup', { body: { code, password, language } })));
  }

  /** The way in with a one-time code. `used` is called once the code is used up, before the page may begin anew. */
  async join(code: string, password: string, used: () => void): Promise<void> {
    const joined = await answer(box.POST('/api/v1/session/join', { body: { code, password } }));
    used();
    this.adopt(joined);
  }

  async changePassword(password: string, wanted: string): Promise<void> {
    const body = { password, new_password: wanted };
    this.adopt(await answer(box.PUT('/api/v1/session/password', { body })));
  }

  async logOut(): Promise<void> {
    await answer(box.DELETE('/api/v1/session'));
    // Whoever sits down next finds nothing of what was read.
    window.location.reload();
  }
}

/** Whether they see the same. */
const isSame = (one: Me, other: Me) =>
  one.name === other.name && one.role === other.role && one.person === other.person;

export const session = new CurrentSession();

whenLoggedOut(() => {
  if (session.state === 'open') session.state = 'login';
});
