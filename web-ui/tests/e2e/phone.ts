/** A small SIP phone over UDP: it registers with digest, calls, is called and hangs up (RFC 3261, RFC 8760). Enough to
 * let a call happen behind the page, and no more: it is not a test of SIP. */
import { createHash, randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';

const HOST = '127.0.0.1';

export interface Account {
  username: string;
  password: string;
  number: string;
  /** UDP port of the box. */
  port: number;
  /** What it says that its user is called. */
  name?: string;
  /** What it calls itself. */
  agent?: string;
}

interface Message {
  /** `INVITE sip:201@… SIP/2.0` or `SIP/2.0 200 OK`. */
  start: string;
  headers: [string, string][];
}

function parse(bytes: Buffer): Message {
  const [start = '', ...lines] = (bytes.toString('utf8').split('\r\n\r\n')[0] ?? '').split('\r\n');
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()];
  });
  return { start, headers };
}

const all = (message: Message, name: string) => message.headers.filter(([key]) => key === name).map(([, value]) => value);
const first = (message: Message, name: string) => all(message, name)[0] ?? '';
const statusOf = (message: Message) => Number(/^SIP\/2\.0 (\d+)/.exec(message.start)?.[1] ?? 0);
const token = () => randomBytes(8).toString('hex');
const uriIn = (value: string) => /<([^>]+)>/.exec(value)?.[1] ?? value;

/** The answer to a challenge. The first challenge is the one that the server prefers. */
function authorization(challenge: string, method: string, uri: string, account: Account): string {
  const value = (name: string) => new RegExp(`${name}="?([^",]+)`, 'i').exec(challenge)?.[1] ?? '';
  const algorithm = value('algorithm') || 'MD5';
  const hash = (text: string) =>
    createHash(algorithm.toUpperCase() === 'SHA-256' ? 'sha256' : 'md5')
      .update(text)
      .digest('hex');
  const [realm, nonce, cnonce, nc] = [value('realm'), value('nonce'), token(), '00000001'];
  const secret = hash(`${account.username}:${realm}:${account.password}`);
  const response = hash(`${secret}:${nonce}:${nc}:${cnonce}:auth:${hash(`${method}:${uri}`)}`);
  return (
    `Digest username="${account.username}", realm="${realm}", nonce="${nonce}", uri="${uri}", ` +
    `algorithm=${algorithm}, response="${response}", qop=auth, nc=${nc}, cnonce="${cnonce}"`
  );
}

const session = [
  'v=0',
  `o=- 1 1 IN IP4 ${HOST}`,
  's=-',
  `c=IN IP4 ${HOST}`,
  't=0 0',
  'm=audio 40000 RTP/AVP 8',
  'a=rtpmap:8 PCMA/8000',
  '',
].join('\r\n');

/** A dialog as this phone sees it. */
interface Dialog {
  callId: string;
  local: string;
  remote: string;
  target: string;
  routes: string[];
  sequence: number;
}

export class Phone {
  /** Takes nothing of what it is sent. */
  isDeaf = false;
  #listeners = new Set<(message: Message) => void>();
  #dialog: Dialog | undefined;
  /** An INVITE that waits for `answer`, and the To with which this phone answers it. */
  #ringing: { invite: Message; to: string } | undefined;

  private constructor(
    private readonly socket: Socket,
    private readonly account: Account,
  ) {
    socket.on('message', (bytes) => {
      if (this.isDeaf) return;
      const message = parse(bytes);
      for (const listener of [...this.#listeners]) listener(message);
      if (!message.start.startsWith('SIP/')) this.#requested(message);
    });
  }

  /** A phone that registers nowhere, and takes whatever the box sends it: a provider, for one. */
  static async unregistered(account: Account): Promise<Phone> {
    const socket = createSocket('udp4').bind(0, HOST);
    await once(socket, 'listening');
    return new Phone(socket, account);
  }

  /** A phone that is registered. */
  static async registered(account: Account): Promise<Phone> {
    const phone = await Phone.unregistered(account);
    await phone.register();
    return phone;
  }

  /** Registers, or does so again. */
  register(): Promise<void> {
    return this.#register(600);
  }

  /** The next request of that method that it is sent: its fields, one a line. */
  async hears(method: string): Promise<string> {
    const { headers } = await this.#heard((m) => m.start.startsWith(method));
    return headers.map(([name, value]) => `${name}: ${value}`).join('\n');
  }

  /** From now on it is somebody else's, and says so. Gives what it was before. */
  becomes(other: Partial<Account>): Account {
    const before = { ...this.account };
    Object.assign(this.account, other);
    return before;
  }

  /** Where it listens. */
  get address(): string {
    return `${HOST}:${String(this.socket.address().port)}`;
  }

  /** Calls a number and waits until it rings there. */
  async call(number: string): Promise<void> {
    const invite = this.#towards(number);
    const rings = this.#heard((m) => statusOf(m) === 180 && first(m, 'call-id') === invite.callId);
    void this.#transaction('INVITE', invite, session).then((response) => {
      if (statusOf(response) !== 200) return;
      this.#dialog = { ...this.#dialogOf(response, invite), remote: first(response, 'to') };
      this.#send('ACK', this.#dialog, []);
    });
    await rings;
  }

  /** Calls a number that is not reached, and gives the status that says so. */
  async callInVain(number: string): Promise<number> {
    return statusOf(await this.#transaction('INVITE', this.#towards(number), session));
  }

  /** Waits until this phone rings. */
  async rings(): Promise<void> {
    if (this.#ringing === undefined) await this.#heard((m) => m.start.startsWith('INVITE'));
  }

  /** Takes the call that rings. */
  async answer(): Promise<void> {
    if (this.#ringing === undefined) throw new Error('nothing rings');
    const { invite, to: local } = this.#ringing;
    const confirmed = this.#heard((m) => m.start.startsWith('ACK'));
    this.#reply(invite, '200 OK', local, session);
    await confirmed;
    this.#ringing = undefined;
    this.#dialog = {
      callId: first(invite, 'call-id'),
      local,
      remote: first(invite, 'from'),
      target: uriIn(first(invite, 'contact')),
      routes: all(invite, 'record-route'),
      sequence: 0,
    };
  }

  /** Refuses the call that rings, with a status as `404 Not Found`. */
  refuse(status: string): void {
    if (this.#ringing === undefined) throw new Error('nothing rings');
    const { invite, to } = this.#ringing;
    this.#ringing = undefined;
    this.#reply(invite, status, to);
  }

  async hangUp(): Promise<void> {
    if (this.#dialog) await this.#transaction('BYE', this.#dialog, '');
    this.#dialog = undefined;
  }

  /** Takes its registration back, as a phone that is switched off. */
  async switchOff(): Promise<void> {
    await this.#register(0);
    this.socket.close();
  }

  get #self(): string {
    return `<sip:${this.account.number}@${HOST}:${String(this.account.port)}>`;
  }

  /** Who calls, with the name as a quoted string (RFC 3261 25.1). */
  get #caller(): string {
    const { name } = this.account;
    return name === undefined ? this.#self : `"${name.replace(/[\\"]/g, '\\$&')}" ${this.#self}`;
  }

  get #contact(): string {
    return `<sip:${this.account.username}@${HOST}:${String(this.socket.address().port)}>`;
  }

  async #register(expires: number): Promise<void> {
    const target = `sip:${HOST}:${String(this.account.port)}`;
    const about = { callId: token(), local: `${this.#self};tag=${token()}`, remote: this.#self, routes: [], sequence: 0 };
    // As desk phones say it: what is much terser the box answers only when it is repeated.
    const able = [
      'Allow: INVITE, INFO, PRACK, ACK, BYE, CANCEL, OPTIONS, NOTIFY, REGISTER, SUBSCRIBE, REFER, PUBLISH, UPDATE, MESSAGE',
      'Allow-Events: talk,hold,conference,refer,check-sync',
    ];
    const response = await this.#transaction('REGISTER', { ...about, target }, '', [`Expires: ${String(expires)}`, ...able]);
    if (statusOf(response) !== 200) throw new Error(`the box refused the registration: ${response.start}`);
  }

  /** Sends a request, answers one challenge, and gives the final response. */
  async #transaction(method: string, about: Dialog, body: string, extra: string[] = []): Promise<Message> {
    const response = await this.#exchange(method, about, body, extra);
    const status = statusOf(response);
    if (status !== 401 && status !== 407) return response;
    if (method === 'INVITE') this.#send('ACK', { ...about, remote: first(response, 'to') }, []);
    const [asks, answers] = status === 401 ? ['www-authenticate', 'Authorization'] : ['proxy-authenticate', 'Proxy-Authorization'];
    const proof = authorization(first(response, asks), method, about.target, this.account);
    return this.#exchange(method, about, body, [...extra, `${answers}: ${proof}`]);
  }

  async #exchange(method: string, about: Dialog, body: string, extra: string[]): Promise<Message> {
    about.sequence += 1;
    const sequence = `${String(about.sequence)} ${method}`;
    const final = this.#heard(
      (m) => statusOf(m) >= 200 && first(m, 'cseq') === sequence && first(m, 'call-id') === about.callId,
    );
    this.#send(method, about, extra, body);
    return final;
  }

  /** What a call to a number begins with. */
  #towards(number: string): Dialog {
    const target = `sip:${number}@${HOST}:${String(this.account.port)}`;
    const local = `${this.#caller};tag=${token()}`;
    return { callId: token(), local, remote: `<${target}>`, target, routes: [], sequence: 0 };
  }

  #dialogOf(response: Message, invite: Dialog): Dialog {
    const routes = all(response, 'record-route').reverse();
    return { ...invite, target: uriIn(first(response, 'contact')), routes };
  }

  #send(method: string, about: Dialog, extra: string[], body = ''): void {
    const port = String(this.socket.address().port);
    this.#write([
      `${method} ${about.target} SIP/2.0`,
      `Via: SIP/2.0/UDP ${HOST}:${port};branch=z9hG4bK${token()};rport`,
      'Max-Forwards: 70',
      `From: ${about.local}`,
      `To: ${about.remote}`,
      `Call-ID: ${about.callId}`,
      `CSeq: ${String(about.sequence)} ${method}`,
      `Contact: ${this.#contact}`,
      ...about.routes.map((route) => `Route: ${route}`),
      `User-Agent: ${this.account.agent ?? 'Yealink SIP-T54W 96.86.0.70'}`,
      ...extra,
    ], body);
  }

  /** What this phone does by itself: it rings, and it takes note that the other side hung up. */
  #requested(request: Message): void {
    const method = request.start.split(' ')[0];
    if (method === 'INVITE' && this.#ringing === undefined) {
      const to = `${first(request, 'to')};tag=${token()}`;
      this.#ringing = { invite: request, to };
      this.#reply(request, '180 Ringing', to);
    } else if (method === 'CANCEL' || method === 'BYE') {
      this.#reply(request, '200 OK', first(request, 'to'));
      if (method === 'CANCEL' && this.#ringing)
        this.#reply(this.#ringing.invite, '487 Request Terminated', this.#ringing.to);
      this.#ringing = undefined;
      this.#dialog = undefined;
    } else if (method !== 'ACK' && method !== 'INVITE') {
      this.#reply(request, '200 OK', first(request, 'to'));
    }
  }

  #reply(request: Message, status: string, to: string, body = ''): void {
    const copied = request.headers.filter(([key]) => ['via', 'from', 'call-id', 'cseq', 'record-route'].includes(key));
    this.#write([
      `SIP/2.0 ${status}`,
      ...copied.map(([key, value]) => `${key}: ${value}`),
      `To: ${to}`,
      `Contact: ${this.#contact}`,
    ], body);
  }

  #write(lines: string[], body: string): void {
    const type = body === '' ? [] : ['Content-Type: application/sdp'];
    const text = [...lines, ...type, `Content-Length: ${String(Buffer.byteLength(body))}`, '', body].join('\r\n');
    this.socket.send(text, this.account.port, HOST);
  }

  /** The first message from now on that fits. */
  #heard(fits: (message: Message) => boolean): Promise<Message> {
    return new Promise((resolve) => {
      const listener = (message: Message) => {
        if (!fits(message)) return;
        this.#listeners.delete(listener);
        resolve(message);
      };
      this.#listeners.add(listener);
    });
  }
}
