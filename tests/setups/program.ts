/** Programs that a set-up consists of: each in its own process group and folder, ended and deleted as a whole. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A program that runs. */
export interface Program {
  /** The first group of `said` in its output. */
  found: string;
  /** Both streams, until now. */
  output(): string;
  /** Kills it and everything that it started. */
  stop(): Promise<void>;
}

interface Start {
  cwd: string;
  /** Added to our own environment. */
  env?: Record<string, string>;
  /** It is ready when its output matches. A port: when something listens there. */
  said: RegExp | number;
}

/** The folder of the set-ups, where their packages are. */
export const HERE = import.meta.dirname;

/** A key with its certificate for localhost. */
export const PEM = join(HERE, "..", "e2e", "sites", "self-signed.pem");

const running = new Set<ChildProcess>();
process.once("exit", killAll);
process.once("SIGTERM", () => {
  killAll();
  process.exit(143);
});

/** Starts a program and waits until it is ready. Throws, with what it said, if it ends before. */
export async function startProgram(
  [command = "", ...args]: readonly string[],
  { cwd, env = {}, said }: Start,
): Promise<Program> {
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true, // a process group that can be killed as a whole
  });
  running.add(child);
  let output = "";
  const closed = once(child, "close").catch(() => {});
  const ready = new Promise<string>((resolve, reject) => {
    const listen = (text: unknown) => {
      output += text;
      const found = said instanceof RegExp ? said.exec(output) : null;
      if (found !== null) resolve(found[1] ?? "");
    };
    child.stdout.setEncoding("utf8").on("data", listen);
    child.stderr.setEncoding("utf8").on("data", listen);
    const fail = (reason: string) => reject(new Error(`${command} ${args.join(" ")} ${reason}:\n${output}`));
    child.once("error", (error) => fail(`does not start (${error.message})`));
    child.once("close", () => fail("ended"));
    if (typeof said === "number") void untilListening(said, child).then(() => resolve(String(said)));
  });
  const stop = async () => {
    killGroup(child);
    await closed;
    running.delete(child);
  };
  try {
    return { found: await ready, output: () => output, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function killAll(): void {
  for (const child of running) killGroup(child);
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the whole group has ended already
  }
}

async function untilListening(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null && !(await listens(port))) {
    await new Promise((resolve) => setTimeout(resolve, 20)); // it says nothing when it listens
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}

/** A port that was free just now, for programs that cannot choose one themselves. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, "0.0.0.0");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("A TCP server has no port.");
  return address.port;
}

/** An empty folder. @param under where it is made; default: the system's folder for such */
export function makeFolder(under = tmpdir()): { folder: string; remove(): void } {
  const folder = mkdtempSync(join(under, "sessions-setup-"));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }) };
}
