/**
 * Where the channel between a Django site and this process is: a folder that no one else on this machine can use, and in
 * it the announcement by which the site finds the channel. The site checks the same before it sends anything (T44).
 */
import { randomBytes } from "node:crypto";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { codeOf, SessionError } from "../../core/errors.ts";
import { integer, record, textLike } from "../../protocol/fields.ts";

/** Where the channel of one site is. */
export interface ChannelPlace {
  /** An absolute path. */
  folder: string;
  /** 32 hexadecimal characters, from the place of the site's settings. */
  name: string;
}

/** A channel on loopback, for systems without Unix sockets. */
export interface LoopbackAddress {
  port: number;
  /** 32 bytes in base64url: both sides show that they have read it. */
  secret: string;
}

/** What the site is told about the channel. */
type Announced = { socket: string } | LoopbackAddress;

/** Makes the folder if it is not there. @throws SessionError `settings` if anyone else could use it */
export function secureFolder(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700, recursive: process.platform === "win32" });
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw refuse(folder, `cannot be made (${codeOf(error)})`, MAKE);
  }
  if (process.platform === "win32") return; // the folder is inside the user's profile
  const facts = lstatSync(folder);
  if (facts.isSymbolicLink()) throw refuse(folder, "is a link", DELETE);
  if (!facts.isDirectory()) throw refuse(folder, "is not a folder", DELETE);
  if (!isOwn(facts)) throw refuse(folder, "belongs to another user of this machine", ELSEWHERE);
  if ((facts.mode & 0o077) !== 0) throw refuse(folder, "can be used by others on this machine", DELETE);
  if (!keeps(statSync(dirname(folder)))) throw refuse(folder, "can be replaced by others", ELSEWHERE);
}

const MAKE = "Check that the folder around it is there and is yours, or set XDG_RUNTIME_DIR to such a one";
const DELETE = "Delete it, and start again";
const ELSEWHERE = "Set XDG_RUNTIME_DIR to a folder that is yours alone, for the site too";

function refuse(folder: string, what: string, step: string): SessionError {
  return new SessionError("settings", `the folder ${folder}, for what the site reports, ${what}. ${step}.`);
}

function isOwn({ uid }: Stats): boolean {
  return uid === process.getuid?.();
}

/** True if no one else can rename or delete what is in this folder. */
function keeps(parent: Stats): boolean {
  const isTrusted = isOwn(parent) || parent.uid === 0;
  return isTrusted && ((parent.mode & 0o022) === 0 || (parent.mode & 0o1000) !== 0);
}

/** The channel's socket. */
export function socketOf({ folder, name }: ChannelPlace): string {
  return join(folder, `${name}.sock`);
}

/** Bytes of a Unix socket's path, by the system that allows the fewest (macOS), with the zero at its end. */
const MAX_SOCKET_PATH = 104;

/** False where the system has no Unix sockets, or the path is too long for one. */
export function hasSocket(place: ChannelPlace): boolean {
  return process.platform !== "win32" && Buffer.byteLength(socketOf(place)) < MAX_SOCKET_PATH;
}

/** Only this user may connect. The folder ensures this already. */
export function lockSocket(place: ChannelPlace): void {
  chmodSync(socketOf(place), 0o600);
}

/** Removes a socket that a server has left behind. */
export function removeSocket(place: ChannelPlace): void {
  rmSync(socketOf(place), { force: true });
}

/**
 * Tells the site where the channel is. A reader sees either the whole file or the one before it.
 *
 * @param bridge the port of the bridge, which the site names in its responses
 * @returns a function that removes the file, unless another process has replaced it
 */
export function announce(place: ChannelPlace, address: Announced, bridge: number): () => void {
  const path = announcementOf(place);
  const text = `${JSON.stringify({ v: 1, ...address, bridge, pid: process.pid })}\n`;
  const fresh = `${path}.${randomBytes(6).toString("hex")}`;
  writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
  renameSync(fresh, path);
  return () => {
    if (readText(path) === text) rmSync(path, { force: true });
  };
}

const announcement = record<{ v: number } & LoopbackAddress>({
  v: integer(1, 1),
  port: integer(1, 65_535),
  secret: textLike(/^[A-Za-z0-9_-]{43}$/, "32 bytes in base64url"),
});

/** The loopback channel that is announced there, perhaps by a process that has ended; null if there is none. */
export function readLoopback(place: ChannelPlace): LoopbackAddress | null {
  try {
    const { port, secret } = announcement(JSON.parse(readText(announcementOf(place))), "announcement");
    return { port, secret };
  } catch {
    return null; // absent, or not of this form
  }
}

function announcementOf({ folder, name }: ChannelPlace): string {
  return join(folder, `${name}.json`);
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
