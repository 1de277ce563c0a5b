/** Who is looking: not set up, not logged in, or in. */
import { answer, box, rememberCsrf, whenLoggedOut } from '$lib/api/client';
import type { Session } from '$lib/api/types';

class CurrentSession {
  /** `unknown` until the box has answered for the first time. */
  state = $state<Session['state'] | 'unknown'>('unknown');
  language = $state<Session['language']>('nl');
  officeName = $state('');

  /** Takes over what the box says of the session. */
  adopt(session: Session): void {
    this.state = session.state;
    this.language = session.language;
    this.officeName = session.office_name ?? '';
    rememberCsrf(session.csrf);
  }

  /** Asks the box. Throws `ApiProblem`. */
  async refresh(): Promise<void> {
    this.adopt(await answer(box.GET('/api/v1/session')));
  }

  async logIn(password: string): Promise<void> {
    this.adopt(await answer(box.POST('/api/v1/session', { body: { password } })));
  }

  async setUp(code: string, password: string, language: Session['language']): Promise<void> {
    this.adopt(await answer(box.POST('/api/v1/setup', { body: { code, password, language } })));
  }

  async logOut(): Promise<void> {
    await answer(box.DELETE('/api/v1/session'));
    await this.refresh();
  }
}

export const session = new CurrentSession();

whenLoggedOut(() => {
  if (session.state === 'open') session.state = 'login';
});
