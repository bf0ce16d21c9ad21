/**
 * The floor on SQLite: Django's table and signed strings, all saves of one event-loop turn in one transaction, and a
 * string that was verified before is not verified again.
 */
import { createHash, createHmac, createSecretKey } from "node:crypto";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { AGE_SECONDS, type BenchData, SECRET } from "../data.ts";
import type { Places } from "./contestant.ts";
import type { FloorStore } from "./floor-store.ts";

const SALT = "django.contrib.sessions.SessionStore";
const VERIFIED_LIMIT = 10_000;
const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

export function openSqlite({ directory, id }: Places): FloorStore {
  const database = new DatabaseSync(join(directory, `${id}.db`));
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = -64000;
    PRAGMA mmap_size = 268435456;
    CREATE TABLE django_session (session_key varchar(40) NOT NULL PRIMARY KEY, session_data text NOT NULL,
      expire_date datetime NOT NULL);
    CREATE INDEX django_session_expire_date_a5c62663 ON django_session (expire_date)`);
  const select = database.prepare(
    "SELECT session_data FROM django_session WHERE session_key = ? AND expire_date > ?",
  );
  const update = database.prepare(
    "UPDATE django_session SET session_data = ?, expire_date = ? WHERE session_key = ? AND session_data = ?",
  );
  const insert = database.prepare("INSERT OR IGNORE INTO django_session VALUES (?, ?, ?)");
  const inGroup = groupCommit(database);
  const codec = createCodec();
  return {
    load: (key) => {
      const text = select.get(key, toDateText(Date.now()))?.["session_data"];
      return typeof text === "string" ? { stored: text, data: JSON.parse(codec.decode(text)) } : undefined;
    },
    save: (key, stored, data) => {
      const text = codec.encode(data);
      return inGroup(
        () => update.run(text, toDateText(Date.now() + AGE_SECONDS * 1000), key, stored).changes === 1,
      );
    },
    create: (key, data) => {
      const text = codec.encode(data);
      return inGroup(() => insert.run(key, text, toDateText(Date.now() + AGE_SECONDS * 1000)).changes === 1);
    },
  };
}

/** Runs everything from one turn of the event loop in one transaction; each promise resolves after COMMIT. */
function groupCommit(database: DatabaseSync) {
  let waiting: { work: () => boolean; done: (ok: boolean) => void }[] = [];
  const commit = () => {
    const group = waiting;
    waiting = [];
    database.exec("BEGIN IMMEDIATE");
    const results = group.map(({ work }) => work());
    database.exec("COMMIT");
    group.forEach(({ done }, index) => {
      done(results[index] ?? false);
    });
  };
  return (work: () => boolean) =>
    new Promise<boolean>((done) => {
      if (waiting.length === 0) setImmediate(commit);
      waiting.push({ work, done });
    });
}

function createCodec() {
  const key = createSecretKey(createHash("sha256").update(`${SALT}signer${SECRET}`).digest());
  const sign = (value: string) => createHmac("sha256", key).update(value).digest("base64url");
  const verified = new Map<string, string>();
  const remember = (text: string, json: string) => {
    if (verified.size >= VERIFIED_LIMIT)
      for (const first of verified.keys()) if (verified.delete(first)) break;
    verified.set(text, json);
  };
  return {
    encode(data: BenchData): string {
      const json = escapeNonAscii(JSON.stringify(data));
      const value = `${Buffer.from(json, "latin1").toString("base64url")}:${toBase62(Math.floor(Date.now() / 1000))}`;
      const text = `${value}:${sign(value)}`;
      remember(text, json);
      return text;
    },
    decode(text: string): string {
      const known = verified.get(text);
      if (known !== undefined) return known;
      const end = text.lastIndexOf(":");
      if (sign(text.slice(0, end)) !== text.slice(end + 1)) return "{}";
      const json = Buffer.from(text.slice(0, text.indexOf(":")), "base64url").toString("latin1");
      remember(text, json);
      return json;
    },
  };
}

function escapeNonAscii(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function toBase62(value: number): string {
  let text = "";
  for (let rest = value; rest > 0; rest = Math.floor(rest / 62)) text = `${BASE62[rest % 62]}${text}`;
  return text;
}

let dateMs = 0;
const dates = new Map<number, string>();

/** As Django writes it to SQLite; the two strings of the same millisecond are cached. */
function toDateText(ms: number): string {
  const now = Date.now();
  if (now !== dateMs) {
    dateMs = now;
    dates.clear();
  }
  const known = dates.get(ms);
  if (known !== undefined) return known;
  const iso = new Date(ms).toISOString();
  const text = `${iso.slice(0, 10)} ${iso.slice(11, 23)}000`;
  dates.set(ms, text);
  return text;
}
