/**
 * Who holds a lock: what a process writes about itself in its locks, and whether the process that wrote it still lives.
 *
 * A process id means something only on the machine, since its start, and in the container (pid namespace) where it was
 * given. Anywhere else nothing is known about the process, and it is not taken for dead.
 */
import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/** Whether the process that made a lock lives. `unknown`: on another machine, in another container, or not said. */
export type OwnerState = "alive" | "dead" | "unknown";

/** Where a process runs. Empty strings are what this system does not say. */
interface Place {
  /** When the process started, in ticks since the machine did: a process that got its id later has another one. */
  readonly start: string;
  /** A digest of this start of the machine's id. */
  readonly boot: string;
  /** The number of the pid namespace. */
  readonly space: string;
  /** A digest of the machine's name and id. */
  readonly machine: string;
}

const FORM = /^sb1:([1-9]\d{0,9}):(\w*):(\w*):(\w*):(\w+):\w+$/;
/** Tells apart the locks of two copies of this module in one process. */
const COPY = randomBytes(3).toString("hex");
/** Systems without namespaces, where a name of a machine and a process id are enough. */
const IS_SIMPLE = process.platform === "darwin" || process.platform === "win32";

let count = 0;
let here: (Place & { readonly hasMachineId: boolean }) | undefined;

/**
 * What this process writes in a lock: `sb1`, its process id, and what else identifies it. Never the same twice. It has
 * ASCII characters without `/`, and fewer than 60 of them: so many fit into the inode of a symbolic link in ext4, and a
 * longer one takes five times as long to create.
 */
export function createOwnerText(): string {
  here ??= readPlace();
  const { start, boot, space, machine } = here;
  return `sb1:${process.pid}:${start}:${boot}:${space}:${machine}:${COPY}${(++count).toString(36)}`;
}

/** The process id in what `createOwnerText` returned somewhere; null in any other string. */
export function pidIn(text: string): number | null {
  const pid = FORM.exec(text)?.[1];
  return pid === undefined ? null : Number(pid);
}

/** Whether the process that wrote `text` lives. */
export function judgeOwner(text: string): OwnerState {
  const [, pid, start, boot, space, machine] = FORM.exec(text) ?? [];
  if (pid === undefined) return "unknown";
  here ??= readPlace();
  if (machine !== here.machine) return "unknown";
  if (boot !== here.boot) return boot !== "" && here.boot !== "" && here.hasMachineId ? "dead" : "unknown";
  if (space !== here.space || (!IS_SIMPLE && (boot === "" || space === ""))) return "unknown";
  if (Number(pid) === process.pid && start === here.start) return "alive";
  if (!isThere(Number(pid))) return "dead";
  const now = readProcess(pid);
  if (now === null || start === "") return "alive"; // there is such a process: perhaps a later one, but no one knows
  return now.start === start && !now.hasEnded ? "alive" : "dead";
}

function readPlace(): Place & { hasMachineId: boolean } {
  const machineId = tryToRead("/etc/machine-id").trim();
  const boot = tryToRead("/proc/sys/kernel/random/boot_id").trim();
  return {
    start: readProcess("self")?.start ?? "",
    boot: boot === "" ? "" : digest(boot),
    space: readSpace(),
    machine: digest(`${hostname()}\0${machineId}`),
    hasMachineId: machineId !== "",
  };
}

function digest(text: string): string {
  return createHash("sha256").update(`session-bridge\0${text}`).digest("hex").slice(0, 8);
}

/** A decimal number in as few characters as possible. */
function shorten(digits: string): string {
  return digits === "" ? "" : Number(digits).toString(36);
}

/** From Linux's `/proc`; null on other systems, and for processes that this user may not see. */
function readProcess(pid: string): { start: string; hasEnded: boolean } | null {
  // proc_pid_stat(5): the name in parentheses may contain anything; state is the third field, start time the 22nd
  const stat = tryToRead(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, start] = [fields[0], fields[19]];
  if (state === undefined || start === undefined || !/^\d+$/.test(start)) return null;
  return { start: shorten(start), hasEnded: state === "Z" || state === "X" };
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return !(error instanceof Error && "code" in error && error.code === "ESRCH");
  }
}

function readSpace(): string {
  try {
    return shorten(readlinkSync("/proc/self/ns/pid").replace(/\D/g, ""));
  } catch {
    return "";
  }
}

function tryToRead(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
