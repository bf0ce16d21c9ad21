/**
 * Apps on node:http that keep sessions in their own table, with the three forms of keys that such apps use. What they do
 * to a session they report, if a bridge asks for it.
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { DatabaseSync } from "node:sqlite";
import { openBridge } from "session-bridge/bridge";
import {
  type CustomCalls,
  type CustomSession,
  type CustomSourceOptions,
  customSource,
  type StoredSession,
} from "session-bridge/sources";
import { listen } from "../panel-client.ts";

/** How the cookie shows which session it is for. */
export interface TokenForm {
  /** A new cookie, its key, and what is stored next to the key to check it. */
  issue(): { cookie: string; key: string; check: string };
  /** The key of a cookie, as the app finds it. @param checkOf what is stored next to a key; undefined: there is no such key */
  toKey(
    cookie: string,
    checkOf: (key: string) => string | undefined,
  ): ReturnType<CustomSourceOptions["toKey"]>;
}

const hash = (text: string) => createHash("sha256").update(text).digest("hex");
const draw = () => randomBytes(20).toString("base64url");

/** The three forms. */
export const FORMS = {
  "hashed tokens": {
    issue() {
      const cookie = draw();
      return { cookie, key: hash(cookie), check: "" };
    },
    toKey: hash,
  },
  "plain ids": {
    issue() {
      const cookie = draw();
      return { cookie, key: cookie, check: "" };
    },
    toKey: (cookie) => cookie,
  },
  "ids with secrets": {
    issue() {
      const [key, secret] = [draw(), draw()];
      return { cookie: `${key}.${secret}`, key, check: hash(secret) };
    },
    async toKey(cookie, checkOf) {
      const [key = "", secret = "", ...more] = cookie.split(".");
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(secret));
      const given = Buffer.from(Buffer.from(digest).toString("hex"));
      const wanted = Buffer.from(checkOf(key) ?? "");
      const isRight = more.length === 0 && given.length === wanted.length && timingSafeEqual(given, wanted);
      return isRight ? key : null;
    },
  },
} satisfies Record<string, TokenForm>;

/** A table of sessions, and the app's functions for it. */
export interface Table {
  options: Required<Omit<CustomSourceOptions, "load" | "save" | "delete">> & {
    load(key: string): CustomSession | null;
    save(key: string, session: StoredSession): void;
    delete(key: string): void;
  };
  create(form: TokenForm, data: object, expiresAt: Date): string;
  contents(): unknown[];
}

/** An empty table in memory. */
export function createTable(form: TokenForm = FORMS["hashed tokens"]): Table {
  const db = new DatabaseSync(":memory:");
  db.exec('CREATE TABLE session (id TEXT PRIMARY KEY, "check" TEXT, data TEXT, expires_at INTEGER)');
  const watching = new Set<CustomCalls>();
  const find = db.prepare('SELECT "check", data, expires_at FROM session WHERE id = ?');
  const insert = db.prepare("INSERT OR IGNORE INTO session VALUES (?, ?, '{}', 0)");
  const update = db.prepare("UPDATE session SET data = ?, expires_at = ? WHERE id = ?");
  const remove = db.prepare("DELETE FROM session WHERE id = ?");
  const all = db.prepare("SELECT data FROM session ORDER BY data");
  const checkOf = (key: string) => {
    const check = find.get(key)?.["check"];
    return typeof check === "string" ? check : undefined;
  };
  const options: Table["options"] = {
    name: "session table",
    cookieName: "session",
    toKey: (cookie) => form.toKey(cookie, checkOf),
    load(key) {
      const row = find.get(key);
      const session = row
        ? { data: JSON.parse(String(row["data"])), expiresAt: Number(row["expires_at"]) }
        : null;
      for (const told of watching) told.loaded(key, session);
      return session;
    },
    save(key, session) {
      insert.run(key, "");
      update.run(JSON.stringify(session.data), Number(session.expiresAt), key);
      for (const told of watching) told.saved(key, session);
    },
    delete(key) {
      remove.run(key);
      for (const told of watching) told.deleted(key);
    },
    watch(told) {
      watching.add(told);
      return () => watching.delete(told);
    },
  };
  return {
    options,
    create(given, data, expiresAt) {
      const { cookie, key, check } = given.issue();
      insert.run(key, check);
      options.save(key, { data: { ...data }, expiresAt });
      return cookie;
    },
    contents: () => all.all().map((row) => ({ ...row })),
  };
}

const closing: (() => unknown)[] = [];

/** Ends every app that was started. */
export async function closeApps(): Promise<void> {
  for (const close of closing.splice(0)) await close();
}

/** A running app: `POST /login`, `POST /cart?item=…`, `POST /logout` and `GET /`, which says who you are. */
export interface TableApp {
  base: string;
  table: Table;
  contents(): unknown[];
  /** The bridge's lines. */
  lines: string[];
}

interface TableAppOptions {
  form: TokenForm;
  /** The source's options; null for no bridge. Default: all that the table has. */
  source?: CustomSourceOptions | null;
  table?: Table;
  /** Handles a request before the app does. */
  first?(path: string, key: string | null, response: ServerResponse): void | Promise<void>;
}

/** Starts the app. */
export async function startTableApp({
  form,
  table = createTable(form),
  source = table.options,
  first,
}: TableAppOptions): Promise<TableApp> {
  const { toKey, load } = table.options;
  const lines: string[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    const cookie = /(?:^|; )session=([^;]*)/.exec(request.headers.cookie ?? "")?.[1];
    const key = cookie === undefined ? null : await toKey(decodeURIComponent(cookie));
    const session = key === null ? null : load(key);
    await first?.(url.pathname, key, response);
    response.end(act(table, form, { url, response, key, session }));
  };
  const bridge =
    source && openBridge(customSource(source), { enabled: true, log: (line) => lines.push(line) });
  const server = createServer((request, response) => {
    const next = () => void answer(request, response);
    if (bridge) bridge(request, response, next);
    else next();
  });
  closing.push(() => {
    bridge?.close();
    server.closeAllConnections();
    server.close();
  });
  return { base: await listen(server), table, contents: table.contents, lines };
}

interface Visit {
  url: URL;
  response: ServerResponse;
  key: string | null;
  session: CustomSession | null;
}

const LIFE_MS = 600_000;

function act(table: Table, form: TokenForm, { url, response, key, session }: Visit): string {
  const data: Record<string, unknown> = { ...session?.data };
  const expiresAt = new Date(Date.now() + LIFE_MS);
  const begin = (first: object) => {
    const cookie = table.create(form, first, expiresAt);
    response.setHeader("set-cookie", `session=${encodeURIComponent(cookie)}; Path=/; HttpOnly; Max-Age=600`);
  };
  if (url.pathname === "/login") {
    if (key !== null && session !== null) table.options.delete(key);
    begin({ ...data, user_id: 123, username: "john_doe" });
  }
  if (url.pathname === "/cart") {
    const cart = [...(Array.isArray(data["cart"]) ? data["cart"] : []), url.searchParams.get("item")].slice(
      -5,
    );
    if (key === null || session === null) begin({ cart });
    else table.options.save(key, { data: { ...data, cart }, expiresAt: new Date(Number(session.expiresAt)) });
  }
  if (url.pathname === "/logout" && key !== null) {
    table.options.delete(key);
    response.setHeader("set-cookie", "session=; Path=/; Max-Age=0");
  }
  return url.pathname === "/"
    ? `You are ${data["username"] ?? "a guest"} with ${data["cart"] ?? "nothing"}.`
    : "done";
}
