/**
 * The load: keep-alive connections over raw sockets, one request at a time on each, every connection with separate
 * sessions. It keeps cookies as a browser does, so that sessions in cookies work, and counts responses other than 200.
 */
import { connect, type Socket } from "node:net";

/** What to send. `sessions` are cookie jars by name; a workload without cookies passes none. */
export interface Load {
  port: number;
  method: "GET" | "POST";
  path: string;
  connections: number;
  /** Stop after this time … */
  durationMs: number;
  /** … or after this many requests. */
  requests?: number;
  /** Sent unchanged; cookies that a response sets are stored in them. */
  jars?: Jar[];
  /** Receives the jar that each response's cookies make; for logins. */
  collect?: (jar: Jar) => void;
}

export type Jar = Map<string, string>;

export interface LoadResult {
  requests: number;
  seconds: number;
  /** Responses by status, other than 200. */
  failures: Map<number, number>;
}

export async function runLoad(load: Load): Promise<LoadResult> {
  const started = performance.now();
  const state: State = { sent: 0, done: 0, endsAt: started + load.durationMs, failures: new Map() };
  await Promise.all(
    Array.from({ length: load.connections }, (_, index) => runConnection(load, state, index)),
  );
  return { requests: state.done, seconds: (performance.now() - started) / 1000, failures: state.failures };
}

interface State {
  sent: number;
  done: number;
  endsAt: number;
  failures: Map<number, number>;
}

function runConnection(load: Load, state: State, index: number): Promise<void> {
  const jars = (load.jars ?? []).filter((_, at) => at % load.connections === index);
  return new Promise((resolve, reject) => {
    const socket = connect(load.port, "127.0.0.1");
    socket.setNoDelay(true);
    socket.setEncoding("latin1");
    let turn = 0;
    let jar: Jar | undefined;
    const send = () => {
      if (performance.now() >= state.endsAt || state.sent >= (load.requests ?? Number.POSITIVE_INFINITY)) {
        socket.end();
        resolve();
        return;
      }
      state.sent += 1;
      jar = jars.length > 0 ? jars[turn++ % jars.length] : undefined;
      socket.write(requestText(load, jar));
    };
    readResponses(socket, (status, head) => {
      state.done += 1;
      if (status !== 200) state.failures.set(status, (state.failures.get(status) ?? 0) + 1);
      if (jar || load.collect) keepCookies(head, jar, load.collect);
      send();
    });
    socket.once("connect", send);
    socket.once("error", reject);
    socket.once("close", () => resolve());
  });
}

function requestText(load: Load, jar: Jar | undefined): string {
  let text = `${load.method} ${load.path} HTTP/1.1\r\nHost: 127.0.0.1:${load.port}\r\nUser-Agent: bench\r\nAccept: */*\r\n`;
  if (load.method === "POST") text += "Content-Length: 0\r\n";
  if (jar) text += `Cookie: ${[...jar].map(([name, value]) => `${name}=${value}`).join("; ")}\r\n`;
  return `${text}\r\n`;
}

function readResponses(socket: Socket, onResponse: (status: number, head: string) => void): void {
  let buffer = "";
  socket.on("data", (chunk: string) => {
    buffer = buffer === "" ? chunk : buffer + chunk;
    const headEnd = buffer.indexOf("\r\n\r\n");
    if (headEnd < 0 || !isComplete(buffer, headEnd)) return;
    const head = buffer.slice(0, headEnd);
    buffer = "";
    onResponse(Number(head.slice(9, 12)), head);
  });
}

/** Only one request is pending at a time, so nothing follows the response. */
function isComplete(buffer: string, headEnd: number): boolean {
  const length = /\r\ncontent-length: (\d+)/i.exec(buffer);
  if (length) return buffer.length >= headEnd + 4 + Number(length[1]);
  return buffer.endsWith("0\r\n\r\n");
}

function keepCookies(head: string, jar: Jar | undefined, collect: ((jar: Jar) => void) | undefined): void {
  if (!/\r\nset-cookie:/i.test(head)) return;
  const kept = jar ?? new Map<string, string>();
  for (const [, name, value] of head.matchAll(/\r\nset-cookie: ([^=;\r]+)=([^;\r]*)/gi)) {
    if (name !== undefined && value !== undefined) kept.set(name, value);
  }
  collect?.(kept);
}
