/**
 * `Session-Trace`: names the trace of a response, and says where the bridge that made it is and what keeps it from
 * answering: `v=1;id=g73RO49wj2zVXzCmedkJJQ;at=3000;state=hosts`.
 */

/**
 * What keeps a bridge from answering calls that come the way this request came.
 *
 * - `token`: nothing but its token.
 * - `hosts`: the request was for a name that the bridge does not know as this machine's.
 * - `remote`: the request came from another machine, or from outside the container that the app runs in.
 * - `closed`: an earlier request showed a proxy with clients on other machines.
 * - `peer`: the server does not know where the request came from.
 */
export type BridgeState = "token" | "hosts" | "remote" | "closed" | "peer";

const STATES: readonly string[] = ["token", "hosts", "remote", "closed", "peer"] satisfies BridgeState[];

/** What one `Session-Trace` header says. */
export interface TraceHeader extends BridgeMark {
  /** Id of the trace: 22 characters of base64url, 128 bits. */
  id: string;
}

/** The part of the header that is equal for all requests that come the same way. */
export interface BridgeMark {
  /**
   * Where the bridge listens on the machine from which the request came; null if the request came from another machine, as
   * far as its headers show that too, if the bridge has closed, and if the port is not known.
   */
  at: BridgeAddress | null;
  /** Null: it answers callers that come this way. */
  state: BridgeState | null;
}

/** A port of this machine, and whether it speaks TLS. */
export interface BridgeAddress {
  port: number;
  isTls: boolean;
}

/** The header's value. */
export function writeTraceHeader(header: TraceHeader): string {
  return joinTraceHeader(header.id, writeMark(header));
}

/** The same, with the end that `writeMark` made. */
export function joinTraceHeader(id: string, mark: string): string {
  return `v=1;id=${id}${mark}`;
}

/** The end of the header's value, after the id. */
export function writeMark({ at, state }: BridgeMark): string {
  const where = at === null ? "" : `;at=${at.isTls ? "https:" : ""}${at.port}`;
  return state === null ? where : `${where};state=${state}`;
}

/** Reads the header; null if it does not have our form. What a newer bridge adds is ignored. */
export function readTraceHeader(value: string): TraceHeader | null {
  const match = /^v=1;id=([A-Za-z0-9_-]{22})((?:;[a-z]{1,20}=[A-Za-z0-9:._-]{1,40}){0,8})$/.exec(
    value.trim(),
  );
  if (match?.[1] === undefined) return null;
  const more = new Map((match[2] ?? "").split(";").map((part) => readPair(part)));
  const state = more.get("state");
  return { id: match[1], at: readAddress(more.get("at") ?? ""), state: isState(state) ? state : null };
}

/** Reads the end of the header's value, as `writeMark` writes it; null if it is something else. */
export function readMarkEnd(text: string): BridgeMark | null {
  const found = readTraceHeader(`v=1;id=${"A".repeat(22)}${text}`);
  return found && { at: found.at, state: found.state };
}

/** The id in a `Session-Trace` header, or null if the header does not have our form. */
export function parseTraceHeader(value: string): string | null {
  return readTraceHeader(value)?.id ?? null;
}

function readPair(part: string): [string, string] {
  const at = part.indexOf("=");
  return [part.slice(0, at), part.slice(at + 1)];
}

function readAddress(text: string): BridgeAddress | null {
  const match = /^(https:)?([1-9]\d{0,4})$/.exec(text);
  const port = Number(match?.[2] ?? 0);
  return port === 0 || port > 65_535 ? null : { port, isTls: match?.[1] !== undefined };
}

function isState(text: string | undefined): text is BridgeState {
  return text !== undefined && STATES.includes(text);
}
