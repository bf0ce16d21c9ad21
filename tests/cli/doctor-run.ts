/** Runs `session-bridge doctor` with a simulated terminal, on real servers that end with the test. */
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import {
  type AddressInfo,
  createServer as createTcpServer,
  type Server as NetServer,
  type Socket,
} from "node:net";
import { afterEach } from "vitest";
import { runCommandLine } from "../../server-bridge/src/cli/commands.ts";
import { runDoctor } from "../../server-bridge/src/cli/doctor.ts";
import type { Terminal } from "../../server-bridge/src/cli/terminal.ts";
import { type Site, type SiteOptions, startSite } from "../bridge/site.ts";

const ends: (() => unknown)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

/** Ends it, too, when the test is over. */
export function endAfterTest(end: () => unknown): void {
  ends.push(end);
}

interface Said {
  out: string;
  lines: string[];
  errors: string;
  code: number;
}

/** The whole command. */
export function doctor(urls: readonly string[], environment: Record<string, string> = {}): Promise<Said> {
  return listen(environment, (terminal) => runCommandLine(["doctor", ...urls], terminal));
}

/** The command with less patience. */
export function doctorWithin(answerMs: number, url: string): Promise<Said> {
  return listen({}, (terminal) => runDoctor([url], terminal, answerMs));
}

async function listen(
  environment: Record<string, string>,
  run: (terminal: Terminal) => Promise<number>,
): Promise<Said> {
  const [lines, errors]: [string[], string[]] = [[], []];
  const code = await run({
    environment,
    readInput: async () => "",
    untilStopped: async () => {},
    say: (line) => lines.push(line),
    complain: (line) => errors.push(line),
  });
  return { out: lines.join("\n"), lines, errors: errors.join("\n"), code };
}

/** A server of node:http on a free port of 127.0.0.1, or where `place` says; gives the port. */
export function serve(listener: RequestListener, place: Place = {}): Promise<number> {
  return open(createServer(listener), place);
}

/** The port 0 is a free one. */
interface Place {
  host?: string;
  port?: number;
}

/** The same over TLS. @param pem key and certificate */
export function serveTls(pem: Buffer, listener: RequestListener): Promise<number> {
  return open(createTlsServer({ key: pem, cert: pem }, listener));
}

/** A server that does what `handle` does with each connection, HTTP or not. */
export function serveTcp(handle: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket.on("error", () => {}));
    handle(socket);
  });
  endAfterTest(() => {
    for (const socket of sockets) socket.destroy();
  });
  return open(server);
}

/** An app with sessions and a bridge. */
export async function serveSite(options: SiteOptions = {}): Promise<Site> {
  const site = await startSite(options);
  endAfterTest(() => site.close());
  return site;
}

/** Answers each request with these headers. */
export function answerWith(headers: Record<string, string | string[]>, status = 200): RequestListener {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end("Hello.");
  };
}

async function open(
  server: Server | NetServer,
  { host = "127.0.0.1", port = 0 }: Place = {},
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen({ port, host }, resolve);
  });
  endAfterTest(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port; // a listening TCP server has such an address
}
