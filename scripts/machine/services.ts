/**
 * Servers of databases and caches for the tests: uses those that listen on their usual ports of this machine, else starts
 * private ones there, on throw-away data, without any password. They listen on loopback only and end with us.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Undo } from "./failure.ts";
import { run, start, which } from "./program.ts";

/** How to run one server. */
export interface Service {
  port: number;
  /** Debian's packages. */
  packages: readonly string[];
  /** True when its programs are there. */
  installed(): Promise<boolean>;
  /** Prepares `folder`; gives the server's command line, and what to run once it listens. */
  prepare(folder: string): Promise<{ command: string[]; afterwards?: string[][] }>;
}

const root = process.getuid?.() === 0;

export const POSTGRESQL: Service = {
  port: 5432,
  packages: ["postgresql"],
  installed: async () => (await postgresPrograms()) !== null,
  async prepare(folder) {
    const programs = (await postgresPrograms()) ?? "";
    await ownedBy("postgres", folder);
    const data = join(folder, "data");
    await must([...as("postgres"), join(programs, "initdb"), "-A", "trust", "-U", "postgres", "-D", data]);
    const options = ["-D", data, "-p", "5432", "-h", "127.0.0.1", "-k", folder];
    const psql = [join(programs, "psql"), "-h", "127.0.0.1", "-U", "postgres", "-c"];
    return {
      command: [...as("postgres"), join(programs, "postgres"), ...options],
      afterwards: [
        [...psql, "CREATE DATABASE test"],
        [...psql, "CREATE ROLE root SUPERUSER LOGIN"],
      ],
    };
  },
};

export const MARIADB: Service = {
  port: 3306,
  packages: ["mariadb-server"],
  installed: async () => (await which("mariadbd")) !== null,
  async prepare(folder) {
    await ownedBy("mysql", folder);
    const data = `--datadir=${join(folder, "data")}`;
    const user = root ? ["--user=mysql"] : [];
    await must([
      "mariadb-install-db",
      "--no-defaults",
      ...user,
      data,
      "--auth-root-authentication-method=normal",
    ]);
    const socket = `--socket=${join(folder, "mariadb.sock")}`;
    const query = "CREATE DATABASE IF NOT EXISTS test";
    return {
      command: [
        "mariadbd",
        "--no-defaults",
        ...user,
        data,
        socket,
        "--port=3306",
        "--bind-address=127.0.0.1",
      ],
      afterwards: [["mariadb", "--no-defaults", "-h", "127.0.0.1", "-u", "root", "-e", query]],
    };
  },
};

export const REDIS: Service = {
  port: 6379,
  packages: ["redis-server"],
  installed: async () => (await which("redis-server")) !== null,
  prepare: async (folder) => ({
    command: ["redis-server", "--port", "6379", "--bind", "127.0.0.1", "--save", "", "--dir", folder],
  }),
};

export const MEMCACHED: Service = {
  port: 11211,
  packages: ["memcached"],
  installed: async () => (await which("memcached")) !== null,
  prepare: async () => ({
    command: [
      "memcached",
      "--listen=127.0.0.1",
      "--port=11211",
      "--udp-port=0",
      ...(root ? ["-u", "daemon"] : []),
    ],
  }),
};

/** True when something listens on a port of this machine. */
export function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket
      .setTimeout(2000, () => end(false))
      .on("connect", () => end(true))
      .on("error", () => end(false));
  });
}

/**
 * Starts a server whose programs are there, and waits until it listens.
 *
 * @param later registers its end
 * @throws with the server's last words when it does not listen within 60 s
 */
export async function startService(service: Service, later: (undo: Undo) => void): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "sessions-service-"));
  later(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const { command, afterwards = [] } = await service.prepare(folder);
  const [program = "", ...args] = command;
  const server = start(program, args, { stdio: ["ignore", "pipe", "pipe"], cwd: folder });
  let words = "";
  for (const stream of [server.stdout, server.stderr])
    stream?.on("data", (text) => (words = `${words}${text}`.slice(-500)));
  const ended = new Promise<void>((resolve) => server.once("exit", () => resolve()));
  later(async () => {
    server.kill("SIGTERM");
    await ended;
  });
  for (const deadline = Date.now() + 60_000; !(await listens(service.port)); ) {
    if (server.exitCode !== null || Date.now() > deadline)
      throw new Error(`${program} does not listen: ${words.trim()}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  for (const step of afterwards) await must(step);
}

/** PostgreSQL's programs are not on the path in Debian: the folder of the newest version, or null. */
async function postgresPrograms(): Promise<string | null> {
  const found = await run("sh", ["-c", "ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1"]);
  const folder = found.output.trim();
  if (folder !== "") return folder;
  const onPath = await which("initdb");
  return onPath === null ? null : join(onPath, "..");
}

/** Neither server runs as root. */
function as(user: string): string[] {
  return root ? ["runuser", "-u", user, "--"] : [];
}

async function ownedBy(user: string, folder: string): Promise<void> {
  if (root) await must(["chown", user, folder]);
}

async function must([program = "", ...args]: readonly string[]): Promise<void> {
  const ended = await run(program, args, { cwd: "/" });
  if (ended.code !== 0) throw new Error(`${program} failed: ${ended.output.trim().slice(-300)}`);
}
