/** The story that every foreign library has to tell with the bridge on, and that its app must not notice. */
import { describe, expect, it } from "vitest";
import { call, readTraces } from "./panel-client.ts";

/** An app with `POST /login`, `POST /cart?item=…`, `POST /logout` and `GET /`, which says who you are. */
export interface Story {
  library: string;
  cookieName: string;
  /** Starts the app; gives its address. */
  start(bridge: boolean): Promise<string>;
  /** False: the cookie carries the session whole, so it can only be read. */
  stored: boolean;
  /** All cookies of the session, when the library sets more than one. */
  companions?: string[];
}

/** A browser of two cookies and no memory but theirs. */
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

/** Applies the story to one library. */
export function describeStory({ library, cookieName, start, stored }: Story): void {
  describe(`the bridge over ${library}`, () => {
    it("shows what a login, a cart, a look and a logout did", async () => {
      const base = await start(true);
      const jar = new Map<string, string>();
      const proofs: string[] = [];
      for (const [path, method] of [
        ["/login", "POST"],
        ["/cart?item=tea", "POST"],
        ["/", "GET"],
        ["/logout", "POST"],
      ] as const) {
        await visit(base, path, jar, method);
        proofs.push(jar.get(cookieName) ?? "");
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

    it("reads what the session holds, and takes a foreign cookie for none", async () => {
      const base = await start(true);
      const jar = new Map<string, string>();
      await visit(base, "/login", jar);
      const { answer } = await call(base, "session", { protocol: 1, cookie: jar.get(cookieName) ?? "" });
      expect(answer.found && JSON.parse(answer.session.dataJson)).toEqual({
        user_id: 123,
        username: "john_doe",
      });
      expect((await call(base, "session", { protocol: 1, cookie: "rubbish" })).answer.found).toBe(false);
    });

    it("says that it answers for this library, and what it can do", async () => {
      const { answer } = await call(await start(true), "hello", { protocol: 1 });
      expect(answer).toMatchObject({ library: { name: library }, cookieNames: [cookieName] });
      expect(answer.capabilities.includes("edit")).toBe(stored);
    });

    if (stored)
      it("edits a value that the app's next response shows, and puts it back", async () => {
        const base = await start(true);
        const jar = new Map<string, string>();
        await visit(base, "/login", jar);
        const cookie = jar.get(cookieName) ?? "";
        const { answer } = await call(base, "session", { protocol: 1, cookie });
        const ifVersion = answer.found ? answer.session.version : "";
        const operations = [{ op: "set" as const, path: ["username"], valueJson: '"ada"' }];
        const edited = await call(base, "edit", { protocol: 1, cookie, operations, ifVersion });
        expect(await (await visit(base, "/", jar, "GET")).text()).toBe("You are ada.");
        await call(base, "restore", { protocol: 1, cookie, kept: edited.answer.kept, replaces: null });
        expect(await (await visit(base, "/", jar, "GET")).text()).toBe("You are john_doe.");
      });

    it("leaves every response as it was, but for Session-Trace", async () => {
      const answers = async (bridge: boolean) => {
        const base = await start(bridge);
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
  });

  /** A header without what differs from one run to the next: ids, signatures, clocks. */
  function steady(name: string, value: string): [string, string][] {
    if (name === "session-trace") return [];
    if (name === "date") return [[name, ""]];
    if (name !== "set-cookie") return [[name, value]];
    return [[name, value.replace(/=[^;]*/, "=").replace(/expires=[^;]*/i, "expires=")]];
  }
}
