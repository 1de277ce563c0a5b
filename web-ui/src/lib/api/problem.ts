import type { LineFault } from './types';

/** A refusal by the box, or the failure to reach it, as one error. */
export class ApiProblem extends Error {
  constructor(
    /** Stable word that the catalogues translate; `no-connection` when there was no answer at all. */
    readonly code: string,
    /** HTTP status, 0 when there was no answer. */
    readonly status: number,
    /** The field that was refused, if one was. */
    readonly field: string | undefined = undefined,
    /** For the installer; never shown as the message. */
    readonly detail: string | undefined = undefined,
    /** Seconds to wait before trying again, if the box said so. */
    readonly retryAfter: number | undefined = undefined,
    /** The lines of a file that are wrong. */
    readonly lines: LineFault[] = [],
  ) {
    super(code);
  }
}

/** How long the box asks to wait; 0 when it says nothing of it. */
export function secondsToWait(response: Response): number {
  const wait = Number(response.headers.get('retry-after'));
  return Number.isFinite(wait) && wait > 0 ? wait : 0;
}

/** Reads RFC 9457 problem details; anything else becomes `http-<status>`. */
export function problemFrom(body: unknown, response: Response): ApiProblem {
  const fields: Record<string, unknown> = typeof body === 'object' && body !== null ? { ...body } : {};
  const text = (key: string) => (typeof fields[key] === 'string' ? fields[key] : undefined);
  return new ApiProblem(
    text('code') ?? `http-${String(response.status)}`,
    response.status,
    text('field'),
    text('detail'),
    secondsToWait(response) || undefined,
    Array.isArray(fields.lines) ? (fields.lines as LineFault[]) : [],
  );
}
