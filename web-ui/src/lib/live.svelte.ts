/** The live state of the box: one EventSource, a snapshot and then what changes. */
import { after, nothingYet, steps, type LiveEvents, type LiveState } from '$lib/live-state';

/** The part of an EventSource that is used; tests hand in their own. */
export interface Source {
  readonly readyState: number;
  addEventListener(event: string, listener: (event: MessageEvent<string>) => void): void;
  close(): void;
}

/** Milliseconds before a connection that the box closed is tried again. */
const RETRY = 2000;
/** EventSource.CLOSED: the browser does not try again by itself (the HTML standard, 9.2). */
const CLOSED = 2;

export class Live {
  state = $state.raw<LiveState>(nothingYet);
  /** Whether a snapshot came. */
  ready = $state(false);
  /** Since when the box has been silent (milliseconds), or null while it is heard. */
  lostSince = $state<number | null>(null);

  #source: Source | undefined;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly open: () => Source) {}

  /** Connects; `refused` is called when the box ends the stream, before it is tried again. */
  start(refused: () => Promise<void>): void {
    this.stop();
    const source = this.open();
    this.#source = source;
    source.addEventListener('open', () => (this.lostSince = null));
    source.addEventListener('error', () => {
      this.lostSince ??= Date.now();
      if (source.readyState !== CLOSED) return;
      this.#retry = setTimeout(() => {
        void refused()
          .catch(() => undefined)
          .then(() => {
            if (this.#source === source) this.start(refused);
          });
      }, RETRY);
    });
    for (const event of Object.keys(steps) as (keyof LiveEvents)[]) {
      source.addEventListener(event, (message) => {
        this.state = after(this.state, event, message.data, Date.now());
        this.lostSince = null;
        if (event === 'snapshot') this.ready = true;
      });
    }
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#source?.close();
    this.#source = undefined;
  }
}

export const live = new Live(() => new EventSource('/api/v1/events'));
