/** A separate PostgreSQL or MariaDB server for a test that stops or kills it: on a free port, with its data in a folder. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import pg from "pg";
import { findPort } from "./redis-server.ts";

/** A server that belongs to one test. */
export interface OwnServer {
  /** With the name of an existing empty database, as a user who may do everything. */
  readonly address: string;
  /** Stops its processes where they are (SIGSTOP): its port still accepts connections, and nothing is answered. */
  pause(): void;
  /** Lets them go on. */
  resume(): void;
  /** Kills its processes, without any goodbye. */
  kill(): Promise<void>;
  /** Starts it again on the same data and port, and resolves when it answers. */
  restart(): Promise<void>;
  /** Kills it and removes its data. */
  remove(): Promise<void>;
}

const isRoot = process.getuid?.() === 0;

const POSTGRES_PROGRAMS = findPostgres();

/** Whether the programs are installed. Without them their tests are skipped with a loud line, or fail with `CI=true`. */
export const hasOwn = {
  postgres: isThere("PostgreSQL", POSTGRES_PROGRAMS !== null),
  mariadb: isThere("MariaDB", runs("mariadbd", ["--version"])),
};

/** Starts a PostgreSQL server without passwords. @param args further arguments of the server, such as `-c` and a setting */
export async function startPostgres(args: readonly string[] = []): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), "sessions-postgres-"));
  const [programs, data] = [POSTGRES_PROGRAMS ?? "", join(folder, "data")];
  if (isRoot) execFileSync("chown", ["postgres", folder]);
  const run = as("postgres", [join(programs, "initdb"), "-A", "trust", "-U", "postgres", "-N", "-D", data]);
  execFileSync(run[0], run.slice(1), { cwd: folder, stdio: "ignore" });
  const port = await findPort();
  const options = ["-D", data, "-p", String(port), "-h", "127.0.0.1", "-k", folder, ...args];
  const address = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return serve(folder, address, as("postgres", [join(programs, "postgres"), ...options]), async () => {
    const client = new pg.Client({ connectionString: address, connectionTimeoutMillis: 2000 });
    client.on("error", () => {}); // it may end the connection while it starts
    await client.connect();
    await client.end();
  });
}

/** Starts a MariaDB server without passwords. @param args further arguments of the server */
export async function startMariadb(args: readonly string[] = []): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), "sessions-mariadb-"));
  if (isRoot) execFileSync("chown", ["mysql", folder]);
  const data = `--datadir=${join(folder, "data")}`;
  const user = isRoot ? ["--user=mysql"] : [];
  const install = ["--no-defaults", ...user, data, "--auth-root-authentication-method=normal"];
  execFileSync("mariadb-install-db", install, { cwd: folder, stdio: "ignore" });
  const port = await findPort();
  const socket = `--socket=${join(folder, "mariadb.sock")}`;
  const options = ["--no-defaults", ...user, data, socket, `--port=${port}`, "--bind-address=127.0.0.1"];
  const base = `mysql://root@127.0.0.1:${port}`;
  return serve(folder, `${base}/test`, ["mariadbd", ...options, ...args], async () => {
    const connection = await createConnection({ uri: `${base}/mysql`, connectTimeout: 2000 });
    await connection.query("CREATE DATABASE IF NOT EXISTS test");
    await connection.end();
  });
}

/** Starts `command` and waits until `greet` succeeds. */
async function serve(
  folder: string,
  address: string,
  command: [string, ...string[]],
  greet: () => Promise<void>,
): Promise<OwnServer> {
  const [program, ...args] = command;
  const begin = () => spawn(program, args, { cwd: folder, stdio: "ignore" });
  let child: ChildProcess | null = null;

  /** The server and, if another program started it or it started others, those too: they share a process group. */
  const signal = (name: NodeJS.Signals) => {
    const leader = child?.pid;
    if (leader === undefined || child?.exitCode !== null || child.signalCode !== null) return;
    for (const pid of familyOf(leader)) {
      try {
        process.kill(pid, name);
      } catch {} // it has ended by itself
    }
  };
  const start = async () => {
    for (const deadline = Date.now() + 60_000; ; await new Promise((resolve) => setTimeout(resolve, 50))) {
      // just after a kill, its predecessor's memory or lock may still be there, and it ends at once
      if (child === null || child.exitCode !== null || child.signalCode !== null) child = begin();
      const failure = await listens(address)
        .then(greet)
        .then(
          () => null,
          (error: unknown) => error,
        );
      if (failure === null) return;
      if (Date.now() > deadline) throw failure;
    }
  };
  const kill = async () => {
    const begun = child;
    if (begun === null || begun.exitCode !== null || begun.signalCode !== null) return;
    const ended = new Promise((resolve) => begun.once("exit", resolve));
    signal("SIGKILL");
    await ended;
  };

  await start();
  return {
    address,
    pause: () => signal("SIGSTOP"),
    resume: () => signal("SIGCONT"),
    kill,
    restart: start,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A process, its children, theirs and so on, by number: PostgreSQL has one for each connection. */
function familyOf(leader: number): number[] {
  const children = new Map<number, number[]>();
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" }).trim().split("\n");
  for (const line of lines) {
    const [pid = 0, parent = 0] = line.trim().split(/\s+/).map(Number);
    children.set(parent, [...(children.get(parent) ?? []), pid]);
  }
  const family = [leader];
  for (const pid of family) family.push(...(children.get(pid) ?? []));
  return family;
}

function listens(address: string): Promise<void> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname);
    socket.once("error", reject).once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

/** No server runs as root. */
function as(user: string, command: [string, ...string[]]): [string, ...string[]] {
  return isRoot ? ["runuser", "-u", user, "--", ...command] : command;
}

/** PostgreSQL's programs are not on the path in Debian: the folder of the newest version, or null. */
function findPostgres(): string | null {
  try {
    const base = "/usr/lib/postgresql";
    const versions = readdirSync(base).sort((left, right) => Number(right) - Number(left));
    return versions[0] === undefined ? null : join(base, versions[0], "bin");
  } catch {
    return null;
  }
}

function runs(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

function isThere(name: string, isInstalled: boolean): boolean {
  if (isInstalled) return true;
  if (process.env["CI"] === "true")
    throw new Error(`[tests] ${name} is not installed. With CI=true nothing is skipped.`);
  console.warn(`\n!!! SKIPPED: ${name} is not installed. Its tests do not run. !!!\n`);
  return false;
}
