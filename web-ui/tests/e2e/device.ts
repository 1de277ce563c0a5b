/** A desk phone out of its box, as far as its settings go: it asks for them by its own name, follows the addresses that it
 * is given, and ends with an account (the way of Yealink, provisioning-templates/yealink). */
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';
import type { Account } from './phone';

export interface Fetched {
  status: number;
  body: string;
}

/** What a phone can do whose software is of 2014: TLS 1.1 (RFC 4346), and no more. */
const OLD_TLS = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;

export class DeskPhone {
  #folder: string;

  constructor(
    /** Twelve hexadecimal digits. */
    readonly mac: string,
    readonly model: string,
    /** Where the office's router, or a person, told it to look. */
    private readonly bootstrapUrl: string,
    /** Whether its TLS is too old for the box. */
    private readonly old = false,
  ) {
    this.#folder = `${bootstrapUrl}/`;
  }

  /** Where it asks next. */
  get folder(): string {
    return this.#folder;
  }

  /** Forgets all that it was told, as after a reset to factory settings. */
  reset(): void {
    this.#folder = `${this.bootstrapUrl}/`;
  }

  /** Fetches its file once and goes on from where the file says. */
  async ask(): Promise<Fetched> {
    const fetched = await this.#fetch(`${this.#folder}${this.mac}.cfg`);
    this.#folder = setting(fetched.body, 'static.auto_provision.server.url') ?? this.#folder;
    return fetched;
  }

  /** Fetches what an address in its file names. */
  follow({ body }: Fetched, key: string): Promise<Fetched> {
    return this.#fetch(setting(body, key) ?? '');
  }

  /** The account in a fetched file, if somebody said whose phone this is. */
  account({ body }: Fetched, port: number): Account | undefined {
    const value = (key: string) => setting(body, `account.1.${key}`) ?? '';
    if (value('enable') !== '1') return undefined;
    return { number: value('user_name'), username: value('auth_name'), password: value('password'), port };
  }

  #fetch(url: string): Promise<Fetched> {
    const colons = this.mac.match(/../g)?.join(':') ?? '';
    const headers = { 'User-Agent': `Yealink SIP-${this.model} 96.86.0.70 ${colons}` };
    return new Promise((resolve, reject) => {
      // The certificate of the box is its own; the phone was given it in the file before.
      const begin = url.startsWith('https:') ? secure : plain;
      const tls = { rejectUnauthorized: false, ...(this.old ? OLD_TLS : {}) };
      const asked = begin(url, { headers, ...tls }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (part: string) => (body += part));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, body });
        });
      });
      asked.on('error', reject).end();
    });
  }
}

function setting(file: string, key: string): string | undefined {
  const line = file.split('\n').find((candidate) => candidate.startsWith(`${key} = `));
  return line?.slice(key.length + 3).trim();
}
