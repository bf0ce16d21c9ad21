/** A separate database in each of the real servers for one test file, dropped at the end. */
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection } from "mysql2/promise";
import pg from "pg";

/** A part of a server that only one test file uses. */
export interface Place {
  address: string;
  remove(): Promise<void>;
}

const POSTGRES = process.env["SESSIONS_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres";
const MARIADB = process.env["SESSIONS_TEST_MARIADB"] ?? "mysql://root@127.0.0.1:3306/mysql";

/** Whether each server can be reached. Without one its tests are skipped with a loud line, or fail with `CI=true`. */
export const servers = {
  postgres: await isThere("PostgreSQL", POSTGRES),
  mariadb: await isThere("MariaDB", MARIADB),
};

async function isThere(name: string, address: string): Promise<boolean> {
  const { hostname, port } = new URL(address);
  const there = await new Promise<boolean>((resolve) => {
    const socket = connect(Number(port), hostname);
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
  if (there) return true;
  const line = `${name} does not listen at ${hostname}:${port}`;
  if (process.env["CI"] === "true")
    throw new Error(`[tests] ${line}. Start it; with CI=true nothing is skipped.`);
  console.warn(`\n!!! SKIPPED: ${line}. Its tests do not run. !!!\n`);
  return false;
}

function newName(): string {
  return `sessions_test_${randomBytes(6).toString("hex")}`;
}

/** An empty PostgreSQL database. */
export async function makePostgresDatabase(): Promise<Place> {
  const name = newName();
  await askPostgres(`CREATE DATABASE ${name}`);
  const url = new URL(POSTGRES);
  url.pathname = name;
  return { address: url.href, remove: () => askPostgres(`DROP DATABASE ${name} WITH (FORCE)`) };
}

/** Runs one statement over a separate connection. */
export async function askPostgres(statement: string, address = POSTGRES): Promise<void> {
  const client = new pg.Client(address);
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** An empty MariaDB database with the server's usual collation, which ignores case. */
export async function makeMariadbDatabase(): Promise<Place> {
  const name = newName();
  await askMariadb(`CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci`);
  const url = new URL(MARIADB);
  url.pathname = name;
  return { address: url.href, remove: () => askMariadb(`DROP DATABASE ${name}`) };
}

/** Runs one statement over a separate connection. */
export async function askMariadb(statement: string, address = MARIADB): Promise<void> {
  const connection = await createConnection(address);
  try {
    await connection.query(statement);
  } finally {
    await connection.end();
  }
}

/** An empty directory. */
export async function makeDirectory(): Promise<Place> {
  const address = await mkdtemp(join(tmpdir(), "sessions-test-"));
  return { address, remove: () => rm(address, { recursive: true, force: true }) };
}
