/**
 * The channel's server: processes of a Django site connect, and report each request as a line of JSON. Nothing is ever
 * sent to them except, on loopback, the proof that this is the server that was announced.
 *
 * Reading never waits. What a report leads to is limited by the bridge's queues.
 */
import { randomBytes } from "node:crypto";
import { createServer, type Socket } from "node:net";
import { once } from "../../core/runtime.ts";
import { ProtocolError } from "../../protocol/fields.ts";
import type { RequestReports } from "../source.ts";
import { type ChannelReport, MAX_LINE, parseReport, parseSite } from "./channel-lines.ts";
import { listenOnLoopback, listenOnSocket } from "./channel-listening.ts";
import { announce, type ChannelPlace, hasSocket, secureFolder } from "./channel-place.ts";
import { isSameProof, MAX_PROOF_LINE, parseHello, parseSiteProof, proveChannel } from "./channel-proof.ts";
import { createJsonLines, sayMalformed } from "./json-lines.ts";
import { createSiteClock } from "./site-clock.ts";

/** Processes of a site: each has one connection. */
const MAX_CONNECTIONS = 64;
/** Loopback connections that have not proven anything: any program of this machine can open them. */
const MAX_UNPROVEN = 8;
const PROOF_MS = 5_000;

interface ChannelOptions {
  /** The session is in its cookie. */
  isCarried: boolean;
  log(line: string): void;
  /** Uses loopback where a Unix socket could be used. */
  onLoopback?: boolean;
  /** Milliseconds that a loopback connection has for its proof. Default: 5 seconds. */
  proofMs?: number;
}

/** The server's end of the channel. */
export interface Channel {
  /** Reports what arrives from now on. Returns a function that ends this. */
  receive(told: RequestReports): () => void;
  /** Tells the site where the channel is, and the bridge's port. */
  announce(bridgePort: number): void;
  /** Closes all connections and removes the channel's files. */
  close(): Promise<void>;
}

/**
 * Listens at `place`. The site does not know of it until it is announced.
 *
 * @throws SessionError `settings` if others could use the folder, or if another server already listens there
 */
export async function openChannel(place: ChannelPlace, options: ChannelOptions): Promise<Channel> {
  secureFolder(place.folder);
  const isLocal = hasSocket(place) && options.onLoopback !== true;
  const secret = isLocal ? null : randomBytes(32).toString("base64url");
  const connections = createConnections(options, secret);
  const server = createServer(connections.serve);
  server.maxConnections = MAX_CONNECTIONS;
  server.on(
    "drop",
    once(() => options.log(TOO_MANY)),
  );
  const address =
    secret === null ? await listenOnSocket(server, place) : await listenOnLoopback(server, place, secret);
  let unannounce = () => {};
  return {
    receive: connections.receive,
    announce(bridgePort) {
      unannounce = announce(place, address, bridgePort);
    },
    async close() {
      unannounce();
      connections.end();
      await new Promise((resolve) => server.close(resolve)); // this removes the socket, too
    },
  };
}

const TOO_MANY = `more than ${MAX_CONNECTIONS} processes of the site want to report their requests; the others are not heard. Start fewer workers.`;

/** What a connection's next line must be. */
type Stage =
  | { next: "hello" }
  | { next: "proof"; siteNonce: string; serverNonce: string }
  | { next: "site" }
  | { next: "report"; process: string };

/** @param secret null: everyone who can connect is the site */
function createConnections({ isCarried, log, proofMs = PROOF_MS }: ChannelOptions, secret: string | null) {
  const sockets = new Set<Socket>();
  const unproven = new Set<Socket>();
  const toOwnClock = createSiteClock();
  const sayOnce = once((error: unknown) => log(`${sayMalformed(error)}: ${MISFIT}`));
  let told: RequestReports | null = null;

  const take = ({ request, late, dropped }: ChannelReport, process: string): void => {
    if (dropped > 0) told?.dropped(dropped);
    if (request !== undefined) told?.request({ ...request, process });
    if (late !== undefined) told?.late(late.id, late.keys);
  };

  const advance = (socket: Socket, stage: Stage, value: unknown): Stage => {
    if (stage.next === "report") {
      take(parseReport(value, isCarried, toOwnClock), stage.process);
      return stage;
    }
    if (stage.next === "site") return { next: "report", process: parseSite(value) };
    if (secret === null) return { next: "site" };
    if (stage.next === "hello") {
      const siteNonce = parseHello(value);
      const serverNonce = randomBytes(32).toString("base64url");
      const proof = proveChannel(secret, "server", siteNonce, serverNonce);
      socket.write(`${JSON.stringify({ nonce: serverNonce, proof })}\n`);
      return { next: "proof", siteNonce, serverNonce };
    }
    const expected = proveChannel(secret, "site", stage.siteNonce, stage.serverNonce);
    if (!isSameProof(parseSiteProof(value), expected)) throw new Unproven();
    unproven.delete(socket);
    return { next: "site" };
  };

  const serve = (socket: Socket): void => {
    let stage: Stage = secret === null ? { next: "site" } : { next: "hello" };
    sockets.add(socket);
    socket.on("error", () => {}); // the site has left
    socket.on("close", () => {
      sockets.delete(socket);
      unproven.delete(socket);
    });
    if (secret !== null) {
      unproven.add(socket);
      // a site proves itself within milliseconds; a connection that only holds a place gives way
      const [oldest] = unproven;
      if (unproven.size > MAX_UNPROVEN) oldest?.destroy();
      setTimeout(() => unproven.has(socket) && socket.destroy(), proofMs).unref();
    }
    const limit = () => (unproven.has(socket) ? MAX_PROOF_LINE : MAX_LINE);
    const feed = createJsonLines(limit, (value) => {
      stage = advance(socket, stage, value);
    });
    socket.on("data", (bytes) => {
      if (socket.destroyed) return;
      try {
        feed(bytes);
      } catch (error) {
        if (!unproven.has(socket)) sayOnce(error); // a stranger on loopback has nothing to say on the terminal
        socket.destroy();
      }
    });
  };

  return {
    serve,
    receive(reports: RequestReports) {
      told = reports;
      return () => {
        told = null;
      };
    },
    end() {
      for (const socket of sockets) socket.destroy();
    },
  };
}

const MISFIT =
  "the site sent what this version does not understand, so its requests are not traced. Install versions of session-bridge and django-session-bridge that were published together.";

class Unproven extends ProtocolError {
  constructor() {
    super("proof", "the proof of the announced secret");
  }
}
