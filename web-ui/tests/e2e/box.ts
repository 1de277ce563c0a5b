/** A box of our own: the daemon with a fresh state folder and free ports. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const built = new URL('../../../target/debug/centraled', import.meta.url).pathname;
/** The daemon under test; another build can be named. */
const binary = process.env['CENTRALED'] ?? built;

const HOST = '127.0.0.1';
/** Sockets that a few calls need. */
const RTP_PORTS = 40;

export interface Box {
  /** Where the page is. */
  url: string;
  /** Where phones begin. */
  bootstrapUrl: string;
  sipPort: number;
  /** The one-time code that a new box prints. */
  setUpCode: string;
  /** Kills the daemon as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same state and the same ports. */
  startAgain(): Promise<void>;
  /** Sets back by two days since when everybody has the codes and passkeys that they log in with. */
  hasHadSecondSteps(): Promise<void>;
  /** Ends it and forgets its state. */
  remove(): Promise<void>;
}

/** A TCP port that was free a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');
  return address.port;
}

/** The first of a run of UDP ports that were free a moment ago; even, as RTP wants it. */
async function freeRun(length: number): Promise<number> {
  for (;;) {
    const probe = createSocket('udp4').bind(0, HOST);
    await once(probe, 'listening');
    const first = probe.address().port & ~1;
    probe.close();
    if (first + length < 65_536) return first;
  }
}

/** What a daemon says of itself until it is ready: where its page is, and the code of a box that is not set up. */
async function untilReady(daemon: ChildProcess): Promise<{ url: string; setUpCode: string }> {
  if (!daemon.stdout) throw new Error('the daemon has a standard output');
  const said = new Map<string, string>();
  for await (const line of createInterface(daemon.stdout)) {
    const [, what, value] = /^(page|set-up code|ready) ?(.*)$/.exec(line) ?? [];
    if (what === 'ready') {
      daemon.stdout.resume();
      return { url: said.get('page') ?? '', setUpCode: said.get('set-up code') ?? '' };
    }
    said.set(what ?? line, value ?? '');
  }
  throw new Error(`the daemon ended before it was ready; it said ${JSON.stringify([...said])}`);
}

export async function startBox(): Promise<Box> {
  const state = await mkdtemp(join(tmpdir(), 'centrale-page-'));
  const [https, http, sip, sipTls] = [await freePort(), await freePort(), await freePort(), await freePort()];
  const rtp = await freeRun(RTP_PORTS);
  const settings = {
    'state-dir': state,
    'sip-bind': HOST,
    'sip-port': sip,
    'sip-tls-port': sipTls,
    'https-bind': HOST,
    'https-port': https,
    'http-port': http,
    'rtp-ports': `${String(rtp)}-${String(rtp + RTP_PORTS - 1)}`,
  };
  const options = Object.entries(settings).flatMap(([key, value]) => [`--${key}`, String(value)]);
  let daemon: ChildProcess;

  async function start() {
    daemon = spawn(binary, ['run', ...options], { stdio: ['ignore', 'pipe', 'inherit'] });
    return untilReady(daemon);
  }
  async function end(signal: NodeJS.Signals): Promise<void> {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    daemon.kill(signal);
    await once(daemon, 'exit');
  }

  const { url, setUpCode } = await start();
  return {
    url: url.replace(/\/$/, ''),
    bootstrapUrl: `http://${HOST}:${String(http)}`,
    sipPort: sip,
    setUpCode,
    kill: () => end('SIGKILL'),
    startAgain: async () => void (await start()),
    hasHadSecondSteps: async () => {
      const set = (table: string, column: string) => `UPDATE ${table} SET ${column} = ${column} - 2 * 24 * 3600000;`;
      const sql = [set('factors', 'since_ms'), set('recovery_codes', 'since_ms'), set('passkeys', 'created_ms')].join('');
      await promisify(execFile)('sqlite3', ['-cmd', '.timeout 5000', join(state, 'centrale.db'), sql]);
    },
    remove: async () => {
      await end('SIGTERM');
      await rm(state, { recursive: true, force: true });
    },
  };
}
