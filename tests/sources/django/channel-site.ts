/** The site's end of a channel, for tests of the server: it speaks the lines that a site's process does. */
import { createHmac, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Channel, openChannel } from "../../../server-bridge/src/sources/django/channel.ts";
import type { ReportedRequest } from "../../../server-bridge/src/sources/source.ts";

export const NAME = "0123456789abcdef0123456789abcdef";
export const PROCESS = "abcdefghijklmnopqrstuv";
export const KEY = "k3v9aaaaaaaaaaaaaaaaaaaaaaaax0q2";

/** A folder that a channel's folder can be in. */
export function temporaryFolder(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "channel-"));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

/** An id of the length that traces have. */
export function newId(): string {
  return randomBytes(16).toString("base64url");
}

/** The line of a request that changed one key of a session, by the site's clock: `CLOCK_MONOTONIC` in milliseconds. */
export function requestLine(more: Record<string, unknown> = {}, dropped?: number) {
  const now = Number(process.hrtime.bigint()) / 1e6;
  const trace = {
    ...{ id: newId(), at: Date.now(), method: "POST", path: "/cart/", status: 200, durationMs: 12.345 },
    ...{ loadedAtMs: now - 10, endedAtMs: now, accessed: true, modified: true },
    loaded: { key: KEY, json: '{"cart":["hat"]}', expiresAt: null },
    operations: [
      { name: "load", durationMs: 0.4 },
      { name: "save", durationMs: 0.5 },
    ],
    writers: { cart: "mysite/views.py:23" },
    after: { key: KEY, json: '{"cart":["hat","boots"]}', expiresAt: 1_900_000_000_000 },
    ...{ unsaved: null, unsavedWhy: null, cookie: null },
    ...more,
  };
  return dropped === undefined ? { trace } : { trace, dropped };
}

/** What a channel has reported. */
export interface Told {
  requests: ReportedRequest[];
  late: { id: string; keys: readonly string[] }[];
  dropped: number[];
  lines: string[];
}

type Options = Partial<Parameters<typeof openChannel>[1]>;

/** A channel of this process that is announced for port 47801, and what it reports. */
export async function openAnnounced(
  folder: string,
  options: Options = {},
): Promise<{ channel: Channel; told: Told; folder: string }> {
  const told: Told = { requests: [], late: [], dropped: [], lines: [] };
  const log = (line: string) => told.lines.push(line);
  const channel = await openChannel({ folder, name: NAME }, { isCarried: false, log, ...options });
  channel.receive({
    request: (one) => told.requests.push(one),
    late: (id, keys) => told.late.push({ id, keys }),
    dropped: (count) => told.dropped.push(count),
  });
  channel.announce(47_801);
  return { channel, told, folder };
}

/** A connection of a site's process. */
export interface SiteEnd {
  socket: Socket;
  send(...lines: unknown[]): void;
  /** Resolves when the server has closed the connection. */
  ended: Promise<void>;
  /** What the server has sent. */
  received(): string;
  close(): void;
}

/** Connects; rejects if no one listens. */
export async function connectSite(address: { path: string } | { port: number }): Promise<SiteEnd> {
  const socket = connect({ host: "127.0.0.1", ...address });
  let received = "";
  socket.on("data", (bytes) => {
    received += bytes;
  });
  await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
  socket.on("error", () => {});
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return {
    socket,
    send: (...lines) => void socket.write(lines.map((one) => `${JSON.stringify(one)}\n`).join("")),
    ended,
    received: () => received,
    close: () => socket.destroy(),
  };
}

/** The socket of the announced channel. */
export function socketIn(folder: string): { path: string } {
  return { path: join(folder, `${NAME}.sock`) };
}

/** The first line of a site's process. */
export const SITE = { site: 1, process: PROCESS, pid: 12 };

/** A proof of the contract, made apart from the server's own. */
export function prove(
  secret: string,
  side: "server" | "site",
  siteNonce: string,
  serverNonce: string,
): string {
  const text = `session-bridge channel ${side} 1\0${siteNonce}\0${serverNonce}`;
  return createHmac("sha256", Buffer.from(secret, "base64url")).update(text).digest("base64url");
}

/** 32 random bytes. */
export function newNonce(): string {
  return randomBytes(32).toString("base64url");
}
