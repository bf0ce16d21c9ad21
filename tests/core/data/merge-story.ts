/**
 * Random stories of a few requests that change one session at the same time, and what must be true at their end. The
 * requests write only tokens that occur once, so the end can be judged by who wrote what, without merging anything.
 */
import fc from "fast-check";
import { readContents } from "../../../server-bridge/src/core/data/json.ts";
import { type Draft, SessionData } from "../../../server-bridge/src/core/data/session-data.ts";

type Json = Record<string, unknown>;

/** What a request does to the session that it holds. */
export type Edit =
  | { do: "put" | "putObject" | "remove"; path: string[] }
  | { do: "push" | "shift"; path: string[] }
  | { do: "assign" | "delete" | "createList"; key: string }
  | { do: "retag" | "replace"; thing: number }
  | { do: "count" }
  | { do: "log" }
  | { do: "login"; user: number }
  | { do: "promote" }
  | { do: "promoteApart" }
  | { do: "logout" };

/** A step of one request. `lost`: the answer to its write is lost, before or after the store wrote. */
export interface Step {
  writer: number;
  act: Edit | { save: "ok" | "lost before" | "lost after" };
}

/** How a session says whose it is. */
export type Login = "object" | "number" | "django";

/** One write, for the judgement at the end. */
interface Note {
  writer: number;
  path: readonly string[];
  kind: "put" | "remove" | "push" | "other";
  token: string;
}

const name = fc.constantFrom("x", "y", "z", "__proto__", "7");
const place: fc.Arbitrary<string[]> = fc
  .tuple(fc.constantFrom("a", "b", "_r"), fc.array(name, { minLength: 1, maxLength: 3 }))
  .map(([key, names]) => [key, ...names]);
const list = fc.constantFrom<string[]>(["list"], ["a", "list"], ["new"]);

const change: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constantFrom("put", "putObject", "remove"), path: place }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("push" as const), path: list }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("shift" as const), path: list }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("assign" as const, "delete" as const),
      key: fc.constantFrom("a", "b", "list"),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("createList" as const), key: fc.constant("new") }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("retag" as const, "replace" as const),
      thing: fc.nat({ max: 2 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom("count" as const, "log" as const) }) },
);
const userChange: fc.Arbitrary<Edit> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("login" as const), user: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("promote" as const, "promoteApart" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("logout" as const) }) },
);

/** @param withUsers the requests also log in and out, and change what belongs to their user */
export function steps(withUsers: boolean): fc.Arbitrary<Step[]> {
  const edit = withUsers ? fc.oneof(change, userChange) : change;
  const save = fc.record({
    save: fc.constantFrom("ok" as const, "lost before" as const, "lost after" as const),
  });
  const act = fc.oneof({ weight: 4, arbitrary: edit }, { weight: 1, arbitrary: save });
  return fc.array(fc.record({ writer: fc.nat({ max: 2 }), act }), { minLength: 4, maxLength: 30 });
}

/** A story as it was played. */
export interface Played {
  /** Every version that was stored, the last one last. */
  versions: Json[];
  /** The string that is stored at the end. */
  json: string;
  notes: Note[];
  /** Requests that were told that the session is now another user's. */
  refused: Set<number>;
  counted: number;
  hadDoubt: boolean;
}

/** Plays it: every request loads the first version, acts, and saves at the end what it has not saved yet. */
export function play(story: readonly Step[], login: Login): Played {
  // in every second story, with a number in a form that only Python writes
  const first = JSON.stringify(firstVersion(login));
  const store = { json: story.length % 2 === 0 ? first : first.replaceAll('"float":0', '"float":1.0') };
  const played: Played = {
    versions: [JSON.parse(store.json)],
    json: "",
    notes: [],
    refused: new Set(),
    counted: 0,
    hadDoubt: false,
  };
  const writers = [0, 1, 2].map((number) => new Writer(number, store, played, login));
  for (const { writer, act } of story) {
    const who = writers[writer];
    if (who === undefined || played.refused.has(writer)) continue;
    if ("save" in act) who.save(act.save);
    else who.act(act);
  }
  for (const writer of writers) writer.save("ok");
  return { ...played, json: store.json };
}

function firstVersion(login: Login): Json {
  const data = JSON.parse(
    '{"a":{"x":{"y":0,"x":{}},"list":[],"__proto__":{"x":0}},"b":{"z":{"7":0,"float":0},"10":0},"float":0,"_r":{"x":{}},"things":{"one":{"id":1,"tag":"t0@1"},"list":[{"id":1,"tag":"t0@1"},{"id":2,"tag":"t0@2"}]},"list":["0"],"log":[],"n":0}',
  );
  return { ...data, ...user(login, 1, "r0@1"), apart: "r0@1" };
}

function user(login: Login, id: number, role: string): Json {
  if (login === "object") return { user: { id, role } };
  return { [login === "number" ? "userId" : "_auth_user_id"]: id, role };
}

/** The id and the role that a session has now; null if no one is logged in. */
export function userIn(data: Json, login: Login): { id: unknown; role: unknown } | null {
  if (login !== "object") {
    const id = data[login === "number" ? "userId" : "_auth_user_id"];
    return id === undefined ? null : { id, role: data["role"] };
  }
  const found = data["user"];
  return typeof found === "object" && found !== null ? { id: 0, role: 0, ...found } : null;
}

/** The things that a session describes, each with its id. */
export function thingsIn(data: Json): { id?: unknown; tag?: unknown }[] {
  const all = data["things"];
  const found = [member(all, "one"), ...[0, 1].map((at) => member(member(all, "list"), `${at}`))];
  return found.filter((thing) => typeof thing === "object" && thing !== null);
}

let tokens = 0;

class Writer {
  readonly #number: number;
  readonly #store: { json: string };
  readonly #played: Played;
  readonly #login: Login;
  readonly #data: SessionData;
  #expected: string;
  #doubted: Draft[] = [];

  constructor(number: number, store: { json: string }, played: Played, login: Login) {
    this.#number = number;
    this.#store = store;
    this.#played = played;
    this.#login = login;
    this.#expected = store.json;
    this.#data = new SessionData(readContents(store.json) ?? undefined);
  }

  /** As `write.ts` does it: compare and swap, and after a conflict on top of what is stored. */
  save(how: "ok" | "lost before" | "lost after"): void {
    if (this.#played.refused.has(this.#number)) return;
    for (;;) {
      const draft = this.#data.draft();
      const { json } = draft.contents;
      if (readContents(json)?.json !== json) throw new Error(`not in the form that is stored: ${json}`);
      const fits = this.#store.json === this.#expected;
      if (fits && how !== "lost before") {
        this.#store.json = json;
        this.#played.versions.push(JSON.parse(json));
      }
      if (how !== "ok") {
        this.#data.restore(draft);
        if (fits) this.#doubted.push(draft);
        this.#played.hadDoubt = true;
        return;
      }
      if (fits) {
        this.#data.stored(draft);
        this.#expected = json;
        this.#doubted = [];
        return;
      }
      this.#data.restore(draft);
      const fresh = readContents(this.#store.json);
      if (fresh === null) throw new Error("what was stored cannot be read");
      const result = this.#data.rebase(fresh, { doubted: this.#doubted });
      if (result.otherUser) {
        this.#played.refused.add(this.#number);
        return;
      }
      this.#expected = this.#store.json;
      this.#doubted = [];
    }
  }

  act(edit: Edit): void {
    tokens++;
    const token = `t${tokens}`;
    if ("path" in edit) this.#inside(edit, token);
    else if ("key" in edit) this.#whole(edit, token);
    else if ("thing" in edit) this.#thing(edit, token);
    else if (edit.do === "count" || edit.do === "log") this.#change(edit.do, token);
    else this.#user(edit, token);
  }

  #inside(edit: Extract<Edit, { path: string[] }>, token: string): void {
    const [key = "", ...names] = edit.path;
    const last = names.at(-1) ?? "";
    if (edit.do === "push" || edit.do === "shift") {
      const items = names.reduce(member, this.#data.get(key));
      if (!Array.isArray(items)) return;
      if (edit.do === "shift" && items.length > 0) this.#note("other", edit.path, String(items.shift()));
      else if (edit.do === "push") {
        items.push(token);
        this.#note("push", edit.path, token);
      }
      return;
    }
    const parent = names.slice(0, -1).reduce(member, this.#data.get(key));
    if (typeof parent !== "object" || parent === null || Array.isArray(parent)) return;
    if (edit.do === "remove") {
      if (Object.hasOwn(parent, last)) this.#note("remove", edit.path, token);
      Reflect.deleteProperty(parent, last);
      return;
    }
    const value = edit.do === "put" ? token : { x: token };
    Object.defineProperty(parent, last, { value, writable: true, enumerable: true, configurable: true });
    this.#note(edit.do === "put" ? "put" : "other", edit.path, token);
    if (edit.do === "putObject") this.#note("put", [...edit.path, "x"], token);
  }

  #whole({ do: what, key }: Extract<Edit, { key: string }>, token: string): void {
    if (what === "createList") {
      if (!this.#data.has(key)) this.#data.set(key, []);
      const items = this.#data.get(key);
      if (Array.isArray(items)) items.push(token);
      this.#note("push", [key], token);
      return;
    }
    this.#note("other", [key], token);
    if (what === "delete") this.#data.delete(key);
    else this.#data.set(key, key === "list" ? [token] : { x: { y: token } });
  }

  /** A tag names the thing for which it was written. */
  #thing({ do: what, thing }: Extract<Edit, { thing: number }>, token: string): void {
    const all = this.#data.get("things");
    const [place, at] = thing === 0 ? [all, "one"] : [member(all, "list"), `${thing - 1}`];
    const now = member(place, at);
    if (typeof place !== "object" || place === null || typeof now !== "object" || now === null) return;
    if (what === "retag") Object.assign(now, { tag: `${token}@${member(now, "id")}` });
    else Reflect.set(place, at, { id: tokens, tag: `${token}@${tokens}` });
  }

  #change(what: "count" | "log", token: string): void {
    if (what === "log") {
      this.#data.change("log", (log) => (Array.isArray(log) ? [...log, token] : [token]));
      this.#note("push", ["log"], token);
      return;
    }
    this.#data.change("n", (n) => Number(n ?? 0) + 1);
    this.#played.counted++;
  }

  /** A role names the user for whom it was written. */
  #user(edit: Extract<Edit, { do: "login" | "promote" | "promoteApart" | "logout" }>, token: string): void {
    if (edit.do === "logout") {
      this.#data.clear();
      return;
    }
    const now = userIn(
      Object.fromEntries(this.#data.keys().map((key) => [key, this.#data.get(key)])),
      this.#login,
    );
    if (edit.do === "login") {
      const role = `${token}@${edit.user}`;
      for (const [key, value] of Object.entries(user(this.#login, edit.user, role)))
        this.#data.set(key, value);
      this.#data.set("apart", role);
    } else if (now !== null) {
      const role = `${token}@${now.id}`;
      if (edit.do === "promoteApart") this.#data.set("apart", role);
      else if (this.#login === "object") Object.assign(Object(this.#data.get("user")), { role });
      else this.#data.set("role", role);
    }
  }

  #note(kind: Note["kind"], path: readonly string[], token: string): void {
    const whole = path[0]?.startsWith("_") ? path.slice(0, 1) : path;
    this.#played.notes.push({
      writer: this.#number,
      path: whole,
      kind: whole === path ? kind : "other",
      token,
    });
  }
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, key)
    ? Reflect.get(value, key)
    : undefined;
}
