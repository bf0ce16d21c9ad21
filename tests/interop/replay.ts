/** What both replays share: a peer in this process on fresh stores, calls with a clock, and the stores' contents. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSessions, database, type SettingsInput } from "session-bridge";
import { loadsJson, SESSION_SALT } from "session-bridge/signing";
import { parseExact, writeExact } from "../../server-bridge/src/core/data/python-json.ts";
import { createPeer } from "./peer.ts";
import type { Case } from "./vectors.ts";
import { vectorPath } from "./vectors.ts";

/** A response of the peer. */
export interface Answer {
  value?: unknown;
  error?: { type: string; message: string };
  state?: {
    accessed: boolean;
    modified: boolean;
    session_key: string | null;
    empty: boolean;
    loaded: boolean;
  };
}

export type Call = (op: string, now: number, fields?: object) => Promise<Answer>;

const DEFAULTS = {
  SESSION_COOKIE_NAME: "sessionid",
  SESSION_COOKIE_AGE: 1_209_600,
  SESSION_COOKIE_DOMAIN: null,
  SESSION_COOKIE_SECURE: false,
  SESSION_COOKIE_PATH: "/",
  SESSION_COOKIE_HTTPONLY: true,
  SESSION_COOKIE_SAMESITE: "Lax",
  SESSION_SAVE_EVERY_REQUEST: false,
  SESSION_EXPIRE_AT_BROWSER_CLOSE: false,
  USE_TZ: true,
  TIME_ZONE: "UTC",
  SECRET_KEY_FALLBACKS: [],
};

/** A peer and its stores, for one vector file. */
export class Stage {
  readonly #folder = mkdtempSync(join(tmpdir(), "replay-"));
  readonly #files = join(this.#folder, "files");
  readonly database = new DatabaseSync(join(this.#folder, "sessions.db"));
  readonly #peer: ReturnType<typeof createPeer>;
  #calls = 0;

  /** @param beyond settings that Django does not have; with `users`, call `addIndex` first */
  constructor(beyond: Partial<SettingsInput> = {}) {
    this.database.exec(readFileSync(vectorPath("schema/sqlite.sql"), "utf8"));
    this.#peer = createPeer(join(this.#folder, "sessions.db"), beyond);
  }

  /** Creates the tables of the index of users. */
  async addIndex(): Promise<void> {
    const engine = database(`sqlite:${join(this.#folder, "sessions.db")}`);
    const sessions = createSessions({ secretKey: "secret", engine, users: { of: () => null } });
    await sessions.migrate();
    await sessions.close();
  }

  readonly call: Call = async (op, now, fields = {}) => {
    const line = writeExact({ id: ++this.#calls, op, now, ...fields }) ?? "";
    return parseExact(await this.#peer.answerLine(line)).value as Answer;
  };

  /** Empty stores, a case's settings, and its keys in the order in which Django drew them. */
  async begin(one: Case): Promise<void> {
    this.database.exec("DELETE FROM django_session");
    rmSync(this.#files, { recursive: true, force: true });
    mkdirSync(this.#files);
    const settings = {
      ...DEFAULTS,
      SESSION_FILE_PATH: this.#files,
      ...(one["settings"] as object),
      SECRET_KEY: one["secret_key"],
    };
    await this.call("cache.clear", Number(one["start"]), { settings });
    await this.call("control.keys", Number(one["start"]), { keys: one["keys"] });
  }

  async close(): Promise<void> {
    await this.#peer.close();
    this.database.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  rows(): { key: string; text: string; end: string }[] {
    const found = this.database.prepare("SELECT * FROM django_session ORDER BY session_key").all();
    return found.map((row) => ({
      key: String(row["session_key"]),
      text: String(row["session_data"]),
      end: String(row["expire_date"]),
    }));
  }

  async cache(now: number): Promise<[string, unknown, number][]> {
    const { value } = await this.call("cache.dump", now);
    return (value as [string, unknown, number][]).sort(byFirst);
  }

  fileNames(): string[] {
    return readdirSync(this.#files)
      .filter((name) => !name.startsWith("."))
      .sort();
  }

  filePath(name: string): string {
    return join(this.#files, name);
  }

  readFile(name: string): string {
    return readFileSync(this.filePath(name), "latin1");
  }
}

/** The data and the time in a signed string, however it is compressed; an empty dict if it is damaged. */
export function openSigned(
  text: string,
  secretKey: string,
  salt = SESSION_SALT,
): { data: unknown; stamp: string } {
  const json = loadsJson(text, { secretKey, salt }) ?? "{}";
  return { data: JSON.parse(json), stamp: text.split(":").at(-2) ?? "" };
}

export function byFirst(left: readonly unknown[], right: readonly unknown[]): number {
  return String(left[0]) < String(right[0]) ? -1 : 1;
}

/** Vectors' tags as the pipe's plain values. */
export function untag(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untag);
  if (typeof value !== "object" || value === null) return value;
  if ("$float" in value) return Number(value.$float);
  if ("$bigint" in value) return BigInt(String(value.$bigint));
  if ("$timedelta_seconds" in value) return { $timedelta: value.$timedelta_seconds };
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, untag(member)]));
}

/** Methods of the pipe for the vectors' operations. */
export const METHOD_OF: Record<string, string> = {
  set: "setitem",
  del: "delitem",
  has: "contains",
  browser_close: "get_expire_at_browser_close",
  assign_key: "set_session_key",
};
