/** Replays every request to real Django's middleware with ours: results, status, Set-Cookie, Vary, stores. */
import type { UserView } from "session-bridge";
import { SIGNED_COOKIES_SALT } from "session-bridge/signing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Answer, byFirst, METHOD_OF, openSigned, Stage, untag } from "./replay.ts";
import { type Case, expectFields, readVectors, unusedDeviations } from "./vectors.ts";

type Step = Record<string, unknown>;
type Fields = Record<string, unknown>;

class Journey {
  readonly #stage: Stage;
  readonly #one: Case;
  #lastKey: string | null = null;

  constructor(stage: Stage, one: Case) {
    this.#stage = stage;
    this.#one = one;
  }

  async take(step: Step): Promise<Fields> {
    const now = Number(step["t"]);
    if ("external" in step) await this.#external(step["external"], null, now);
    const answered = "external" in step ? {} : await this.#request(step, now);
    const store = step["store_after"];
    return {
      ...answered,
      ...(typeof store === "object" ? { store_after: await this.#storeOf(store, now) } : {}),
    };
  }

  async #request(step: Step, now: number): Promise<Fields> {
    const { call } = this.#stage;
    const header = { header: step["cookie"] ?? "" };
    const cookies = (await call("cookie.parse", now, header)).value;
    const begun = await call("mw.begin", now, { engine: this.#one["engine"], cookies });
    const page = { status: 200, vary: null as unknown, cookies: [] as string[] };
    const results: unknown[] = [];
    for (const [op, ...args] of step["view"] as [string, ...unknown[]][]) {
      if (op === "raise") {
        Object.assign(page, { status: 500, vary: null, cookies: [] });
        results.push({ exc: "RuntimeError" });
        break;
      }
      results.push(await this.#view(op, args, Number(begun.value), now, page));
    }
    const facts = { h: begun.value, cookies, status: page.status, vary: page.vary };
    const ended = await call("mw.end", now, facts);
    return { results, ...this.#toResponse(ended, page) };
  }

  #toResponse({ value, error }: Answer, page: { status: number; cookies: string[] }): Fields {
    if (error !== undefined) {
      return { status: error.type === "SessionInterrupted" ? 400 : 500, set_cookie: [], vary: null };
    }
    const { lines, vary } = value as { lines: string[]; vary: string | null };
    const nameOf = (line: string) => line.slice(0, line.indexOf("="));
    const mine = new Set(lines.map(nameOf));
    const [line] = lines;
    const key = line?.slice(line.indexOf("=") + 1, line.indexOf(";"));
    if (key !== undefined && key !== '""') this.#lastKey = key;
    return {
      status: page.status,
      set_cookie: [...page.cookies.filter((other) => !mine.has(nameOf(other))), ...lines].map((one) =>
        openLine(one, String(this.#one["secret_key"])),
      ),
      vary,
    };
  }

  async #view(
    op: string,
    args: unknown[],
    h: number,
    now: number,
    page: { status: number; vary: unknown; cookies: string[] },
  ): Promise<object> {
    const { call } = this.#stage;
    if (op === "status") page.status = Number(args[0]);
    else if (op === "vary") page.vary = args[0];
    else if (op === "response_cookie") page.cookies.push(`${args[0]}=${args[1]}; Path=/`);
    else if (op === "external") await this.#external(args[0], h, now);
    else if (op === "mark_modified")
      await call("session.call", now, { h, method: "set_modified", args: [true] });
    else if (op === "session_key" || op === "is_empty") {
      const { state } = await call("session.state", now, { h });
      return toResult(op === "is_empty" ? state?.empty : state?.session_key);
    } else {
      const method = METHOD_OF[op] ?? op;
      const { value, error } = await call("session.call", now, { h, method, args: args.map(untag) });
      if (error !== undefined) return { exc: error.type };
      return toResult(value);
    }
    return {};
  }

  /** Another process touches the same session. */
  async #external(what: unknown, h: number | null, now: number): Promise<void> {
    const { call } = this.#stage;
    const [name, ...args] = Array.isArray(what) ? what : [what];
    const engine = this.#one["engine"];
    const own = h === null ? null : (await call("session.state", now, { h })).state?.session_key;
    const key = own ?? this.#lastKey;
    const other = async (method: string, given: unknown[], opened: string | null) => {
      const { value } = await call("session.new", now, { engine, key: opened });
      await call("session.call", now, { h: value, method, args: given });
      return value;
    };
    if (name === "delete_session") await other("delete", [key], null);
    else if (name === "delete_row") this.#deleteRow(key);
    else if (name === "drop_cache") await call("cache.clear", now);
    else if (name === "clearsessions") await call("class.clear_expired", now, { engine });
    else if (name === "other_write") {
      const writer = await other("setitem", args, key);
      await call("session.call", now, { h: writer, method: "save", args: [] });
    } else throw new Error(`unknown act ${String(name)}`);
  }

  #deleteRow(key: string | null): void {
    this.#stage.database.prepare("DELETE FROM django_session WHERE session_key = ?").run(key);
  }

  /** Signed strings are compared by content and time of signing: zlib libraries differ in their bytes. */
  async #storeOf(expected: unknown, now: number): Promise<object> {
    const wanted = expected as object;
    const secret = String(this.#one["secret_key"]);
    const rows = () => this.#stage.rows().map(({ key, text, end }) => [key, openSigned(text, secret), end]);
    const files = () =>
      this.#stage.fileNames().map((name) => {
        const text = this.#stage.readFile(name);
        return [name, text === "" ? null : openSigned(text, secret)];
      });
    return {
      ...("db" in wanted ? { db: rows() } : {}),
      ...("cache" in wanted ? { cache: await this.#stage.cache(now) } : {}),
      ...("files" in wanted ? { files: files() } : {}),
    };
  }
}

/** Python's None is written as no result. */
function toResult(value: unknown): object {
  return value === null || value === undefined ? {} : { ret: value };
}

/** A signed cookie is also compared by its content. */
function openLine(line: string, secret: string): unknown {
  const [, name, text, rest] = /^([^=]+)=(\.[^;]*)(.*)$/.exec(line) ?? [];
  return text === undefined ? line : [name, openSigned(text, secret, SIGNED_COOKIES_SALT), rest];
}

function toExpected(step: Step, secret: string): Fields {
  const fields: Fields = {};
  if (!("external" in step)) {
    const results = step["results"] as Record<string, unknown>[];
    fields["results"] = results.map((result) => untag(result));
    fields["status"] = step["status"];
    fields["vary"] = step["vary"];
    fields["set_cookie"] = (step["set_cookie"] as string[]).map((line) => openLine(line, secret));
  }
  if (typeof step["store_after"] !== "object") return fields;
  const store = step["store_after"] as Record<string, Record<string, unknown>[]>;
  const signed = (text: unknown) => (text === "" ? null : openSigned(String(text), secret));
  const forms: Record<string, (entry: Record<string, unknown>) => unknown[]> = {
    db: (row) => [row["session_key"], signed(row["session_data"]), row["expire_date"]],
    cache: (entry) => [entry["key"], untag(entry["value"]), entry["expires"]],
    files: (entry) => [entry["name"], signed(entry["content"] ?? entry["text"])],
  };
  const entries = Object.entries(store).map(([name, list]) => [
    name,
    list.map((entry) => forms[name]?.(entry) ?? []).sort(byFirst),
  ]);
  return { ...fields, store_after: Object.fromEntries(entries) };
}

const FILES = ["middleware", "middleware_fuzz"] as const;
/** Settings that Django does not have, with which everything is as without them. */
const BEYOND = {
  "as it is": { beyond: {}, differs: null },
  "with users": {
    beyond: {
      users: { of: (session: UserView) => String(session.get("user_id") ?? session.get("a") ?? "someone") },
    },
    /** In Django, a new key brings back a session that was deleted meanwhile. */
    differs: /^deleted-during-cycle\/(?!signed_cookies)/,
  },
};

describe.each(FILES.flatMap((file) => Object.entries(BEYOND).map(([name, one]) => ({ file, name, ...one }))))(
  "$file, $name",
  ({ file, beyond, differs }) => {
    const { cases, elsewhere } = readVectors(file);
    const stage = new Stage(beyond);
    beforeAll(() => stage.addIndex());
    afterAll(() => stage.close());

    const play = async (one: Case) => {
      await stage.begin(one);
      const journey = new Journey(stage, one);
      for (const [at, step] of (one["steps"] as Step[]).entries()) {
        const expected = toExpected(step, String(one["secret_key"]));
        expectFields(file, one.id, await journey.take(step), expected, `${at} `);
      }
    };
    const isStoredAgain = ({ id }: Case) => differs?.test(id) === true;

    it.each(cases.filter((one) => !isStoredAgain(one)))("$id", play);

    it.each(cases.filter(isStoredAgain))("$id: an ended session is not stored again", async (one) => {
      await expect(play(one)).rejects.toThrow(`${one.id} 1 results`);
    });

    it("has no case for other versions only, and every deviation occurs", () => {
      expect(elsewhere).toEqual([]);
      expect(unusedDeviations(file)).toEqual([]);
    });
  },
);
