/** Replays every step of real Django's session objects with ours: results, errors, flags, keys, stores. */
import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { byFirst, METHOD_OF, openSigned, Stage, untag } from "./replay.ts";
import { type Case, expectFields, readVectors, unusedDeviations } from "./vectors.ts";

/** Arguments may name another handle's key, current or former. */
class Trace {
  readonly #stage: Stage;
  readonly #one: Case;
  #now: number;
  readonly #handles = new Map<string, number>();
  readonly #keys = new Map<string, string | null>();
  readonly #remembered = new Map<string, string | null>();

  constructor(stage: Stage, one: Case) {
    this.#stage = stage;
    this.#one = one;
    this.#now = Number(one["start"]);
  }

  /** Runs one step; returns the fields that the vector has. */
  async take(step: Record<string, unknown>): Promise<Record<string, unknown>> {
    const handle = step["h"] === undefined ? undefined : String(step["h"]);
    const { value, error } = await this.#act(String(step["op"]), handle, this.#argumentsOf(step));
    const actual: Record<string, unknown> = { exc: error?.type };
    if ("ret" in step) actual["ret"] = step["op"] === "exists" ? value === true : value;
    if (handle !== undefined && "st" in step) actual["st"] = await this.#stateOf(handle);
    if ("store" in step) actual["store"] = await this.#storeOf(step["store"] as object);
    return actual;
  }

  #argumentsOf(step: Record<string, unknown>): unknown[] {
    return ((step["args"] ?? []) as unknown[]).map((argument) => {
      if (Array.isArray(argument) && argument[0] === "$key") return this.#keys.get(String(argument[1]));
      if (Array.isArray(argument) && argument[0] === "$was") return this.#remembered.get(String(argument[1]));
      return untag(argument);
    });
  }

  async #act(op: string, handle: string | undefined, args: unknown[]) {
    const { call } = this.#stage;
    const engine = this.#one["engine"];
    const invoke = (method: string, given: unknown[]) =>
      call("session.call", this.#now, { h: this.#handles.get(handle ?? ""), method, args: given });
    switch (op) {
      case "open": {
        const answer = await call("session.new", this.#now, { engine, key: args[0] ?? null });
        this.#handles.set(handle ?? "", Number(answer.value));
        return answer;
      }
      case "remember":
        this.#remembered.set(String(args[0]), this.#keys.get(handle ?? "") ?? null);
        return {};
      case "advance":
        this.#now += Number(args[0]);
        return {};
      case "clear_expired":
        return call("class.clear_expired", this.#now, { engine });
      case "reset_flags":
        await invoke("set_accessed", [false]);
        return invoke("set_modified", [false]);
      case "drop_cache":
        return call("cache.clear", this.#now);
      case "corrupt":
        return this.#corrupt(String(args[0]));
      case "empty_file":
        writeFileSync(this.#stage.filePath(`sessionid${args[0]}`), "");
        return {};
      case "save_must_create":
        return invoke("save", [true]);
      case "get_expiry_age":
      case "get_expiry_date":
        return invoke(op, [{}]);
      default:
        return invoke(METHOD_OF[op] ?? op, args);
    }
  }

  async #corrupt(key: string) {
    const garbage = "garbage:data:here";
    const update = this.#stage.database.prepare(
      "UPDATE django_session SET session_data = ? WHERE session_key = ?",
    );
    update.run(garbage, key);
    if (this.#one["engine"] === "cached_db") await this.#stage.call("cache.clear", this.#now);
    if (this.#one["engine"] === "file") writeFileSync(this.#stage.filePath(`sessionid${key}`), garbage);
    return {};
  }

  async #stateOf(handle: string): Promise<unknown[]> {
    const { state } = await this.#stage.call("session.state", this.#now, { h: this.#handles.get(handle) });
    this.#keys.set(handle, state?.session_key ?? null);
    return [state?.accessed, state?.modified, state?.session_key, state?.empty, state?.loaded];
  }

  async #storeOf(expected: object): Promise<object> {
    const secret = String(this.#one["secret_key"]);
    const seconds = (end: string) => Date.parse(`${end.replace(" ", "T")}Z`) / 1000;
    const rows = () =>
      this.#stage.rows().map(({ key, text, end }) => [key, openSigned(text, secret).data, seconds(end)]);
    const files = () =>
      this.#stage.fileNames().map((name) => {
        const text = this.#stage.readFile(name);
        return [name, text === "" ? null : openSigned(text, secret).data];
      });
    return {
      ...("db" in expected ? { db: rows() } : {}),
      ...("cache" in expected ? { cache: await this.#stage.cache(this.#now) } : {}),
      ...("files" in expected ? { files: files() } : {}),
    };
  }
}

/** The stores in the order and with the fields of ours, without the times of files. */
function toExpected(step: Record<string, unknown>): Record<string, unknown> {
  const store = (untag(step["store"]) ?? {}) as Record<string, unknown[][]>;
  const sorted = Object.entries(store).map(([name, entries]) => [
    name,
    entries.map((entry) => (name === "files" ? entry.slice(0, 2) : entry)).sort(byFirst),
  ]);
  return {
    exc: step["exc"],
    ...("ret" in step && step["exc"] === undefined ? { ret: untag(step["ret"]) } : {}),
    ...("st" in step ? { st: step["st"] } : {}),
    ...("store" in step ? { store: Object.fromEntries(sorted) } : {}),
  };
}

describe.each(["api_traces", "api_fuzz"])("%s", (file) => {
  const { cases, elsewhere } = readVectors(file);
  const stage = new Stage();
  afterAll(() => stage.close());

  it.each(cases)("$id", async (one) => {
    await stage.begin(one);
    const trace = new Trace(stage, one);
    for (const [at, step] of (one["steps"] as Record<string, unknown>[]).entries()) {
      expectFields(file, one.id, await trace.take(step), toExpected(step), `${at} `);
    }
  });

  it("has no case for other versions only, and every deviation occurs", () => {
    expect(elsewhere).toEqual([]);
    expect(unusedDeviations(file)).toEqual([]);
  });
});
