/** The story that every foreign library has to show with the bridge on, while its app behaves as before. */
import { describe, expect, it } from "vitest";
import { call, possess, readTraces } from "../panel-client.ts";

/** An app that listens. */
export interface RunningApp {
  base: string;
  /** The contents of its store, session by session; empty if there is no store. */
  contents(): unknown[];
}

/** An app with `POST /login`, `POST /cart?item=…`, `POST /logout` and `GET /`, which says who you are. */
export interface Story {
  library: string;
  cookieName: string;
  start(bridge: boolean): Promise<RunningApp>;
  /** False: the cookie contains the whole session, so it can only be read. */
  stored: boolean;
}

/** A browser that keeps two cookies and nothing else. */
async function visit(
  base: string,
  path: string,
  jar: Map<string, string>,
  method = "POST",
): Promise<Response> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
  const response = await fetch(base + path, {
    method,
    redirect: "manual",
    headers: cookie === "" ? {} : { cookie },
  });
  for (const line of response.headers.getSetCookie()) {
    const [pair = "", ...attributes] = line.split(";");
    const at = pair.indexOf("=");
    const gone =
      attributes.some((text) => /max-age=0|expires=thu, 01 jan 1970/i.test(text)) ||
      pair.slice(at + 1) === "";
    if (gone) jar.delete(pair.slice(0, at));
    else jar.set(pair.slice(0, at), pair.slice(at + 1));
  }
  return response;
}

const VISITORS = 6;
const REQUESTS = 300;
/** Logging out is rare, so that sessions grow. */
const STEPS = [
  ...Array<[string, string]>(3).fill(["/", "GET"]),
  ...Array<[string, string]>(4).fill(["/cart?item=*", "POST"]),
  ["/login", "POST"],
  ["/logout", "POST"],
] satisfies [string, string][];

/** The same numbers from 0 to 1 for the same seed (xorshift). */
function createChance(seed: number): () => number {
  let state = seed * 2_654_435_769;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function pick<T>(list: readonly T[], chance: number): T {
  const found = list[Math.floor(chance * list.length)];
  if (found === undefined) throw new Error("the list is empty");
  return found;
}

/**
 * A stored session as a string, without the times of this run. Its `originalMaxAge` is rounded up to a second:
 * express-session reads it from the clock, a millisecond late at times.
 */
function withoutMoments(session: unknown): string {
  return JSON.stringify(session)
    .replace(/"\d{4}-\d\d-\d\dT[^"]*"/g, '"…"')
    .replace(/"(_expire|created|originalExpires)":\d+/g, '"$1":0')
    .replace(/"originalMaxAge":(\d+)/g, (_, ms) => `"originalMaxAge":${Math.ceil(Number(ms) / 1000) * 1000}`);
}

/** Applies the story to one library. */
export function describeStory({ library, cookieName, start, stored }: Story): void {
  describe(`the bridge over ${library}`, () => {
    it("shows what a login, a cart, a read and a logout did", async () => {
      const { base } = await start(true);
      const jar = new Map<string, string>();
      const proofs: string[] = [];
      for (const [path, method] of [
        ["/login", "POST"],
        ["/cart?item=tea", "POST"],
        ["/", "GET"],
        ["/logout", "POST"],
      ] as const) {
        await visit(base, path, jar, method);
        proofs.push(possess(jar, cookieName));
      }
      const cookies = [...new Set(proofs.filter((value) => value !== ""))];
      const traces = await readTraces(
        base,
        cookies,
        (found) => found.filter(({ touched }) => touched).length >= 4,
      );
      const told = traces.filter(({ touched }) => touched);
      expect(
        told.map(({ request, changes }) => [
          request.path,
          changes.map(({ key, kind }) => `${kind} ${key}`).sort(),
        ]),
      ).toEqual([
        ["/login", ["added user_id", "added username"]],
        ["/cart", ["added cart"]],
        ["/", []],
        ["/logout", ["removed cart", "removed user_id", "removed username"]],
      ]);
      expect(told[0]?.cookie).toMatchObject({ name: cookieName, action: "set" });
      expect(told[3]?.flushedKeys).toBe(3);
    });

    it("reads the session's contents, and treats a foreign cookie as no session", async () => {
      const { base } = await start(true);
      const jar = new Map<string, string>();
      await visit(base, "/login", jar);
      const { answer } = await call(base, "session", { protocol: 1, cookie: possess(jar, cookieName) });
      expect(answer.found && JSON.parse(answer.session.dataJson)).toEqual({
        user_id: 123,
        username: "john_doe",
      });
      expect((await call(base, "session", { protocol: 1, cookie: "rubbish" })).answer.found).toBe(false);
    });

    it("says that it answers for this library, and what it can do", async () => {
      const { answer } = await call((await start(true)).base, "hello", { protocol: 1 });
      expect(answer).toMatchObject({ library: { name: library }, cookieNames: [cookieName] });
      expect(answer.capabilities.includes("edit")).toBe(stored);
    });

    if (stored)
      it("edits a value that the app's next response shows, and restores it", async () => {
        const { base } = await start(true);
        const jar = new Map<string, string>();
        await visit(base, "/login", jar);
        const cookie = possess(jar, cookieName);
        const { answer } = await call(base, "session", { protocol: 1, cookie });
        const ifVersion = answer.found ? answer.session.version : "";
        const operations = [{ op: "set" as const, path: ["username"], valueJson: '"ada"' }];
        const edited = await call(base, "edit", { protocol: 1, cookie, operations, ifVersion });
        expect(await (await visit(base, "/", jar, "GET")).text()).toContain("You are ada ");
        await call(base, "restore", { protocol: 1, cookie, kept: edited.answer.kept, replaces: null });
        expect(await (await visit(base, "/", jar, "GET")).text()).toContain("You are john_doe ");
      });

    it("changes no response, except for Session-Trace", async () => {
      const answers = async (bridge: boolean) => {
        const { base } = await start(bridge);
        const jar = new Map<string, string>();
        const seen: unknown[] = [];
        for (const [path, method] of [
          ["/", "GET"],
          ["/login", "POST"],
          ["/cart?item=tea", "POST"],
          ["/", "GET"],
          ["/logout", "POST"],
        ] as const) {
          const response = await visit(base, path, jar, method);
          seen.push([
            response.status,
            [...response.headers].flatMap(([name, value]) => steady(name, value)),
            await response.text(),
          ]);
          expect(response.headers.has("session-trace")).toBe(bridge);
        }
        return seen;
      };
      expect(await answers(true)).toEqual(await answers(false));
    });

    it("changes no response and nothing in the store under load", async () => {
      const outcome = async (bridge: boolean) => {
        const { base, contents } = await start(bridge);
        const answers = await Promise.all(
          Array.from({ length: VISITORS }, (_, visitor) => wander(base, createChance(visitor + 1))),
        );
        return { answers, stored: contents().map(withoutMoments).sort() };
      };
      const plain = await outcome(false);
      expect(await outcome(true)).toEqual(plain);
      expect(plain.stored.length > 0).toBe(stored);
      expect(new Set(plain.answers.flat().map(({ body }) => body)).size).toBeGreaterThan(5);
    });
  });

  /** One visitor's requests, one after the other, while others send theirs. */
  async function wander(base: string, chance: () => number) {
    const jar = new Map<string, string>();
    const seen = [];
    for (let count = 0; count < REQUESTS / VISITORS; count += 1) {
      const [path, method] = pick(STEPS, chance());
      const response = await visit(base, path.replace("*", String(Math.floor(chance() * 4))), jar, method);
      const headers = [...response.headers].flatMap(([name, value]) => steady(name, value));
      seen.push({ path, status: response.status, headers, body: await response.text() });
    }
    return seen;
  }

  /** A header without the parts that differ between runs: ids, signatures, times. */
  function steady(name: string, value: string): [string, string][] {
    if (name === "session-trace") return [];
    if (name === "date") return [[name, ""]];
    if (name !== "set-cookie") return [[name, value]];
    return [[name, value.replace(/=[^;]*/, "=").replace(/expires=[^;]*/i, "expires=")]];
  }
}
