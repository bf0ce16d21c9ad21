/** A wrong secret, name or store in the bridge's options is found from the app's requests, and nothing else is reported as one. */
import { createHmac } from "node:crypto";
import { Store } from "express-session";
import { afterEach, beforeEach, describe, expect, it, type MockInstance, vi } from "vitest";
import { call, readCookie, readEvents } from "../panel-client.ts";
import { closeApps, type Given, LIBRARIES, type SettingsApp, startExpress } from "./settings-apps.ts";

const RIGHT: Given = {
  secrets: ["a secret of these tests, longer than thirty-two characters"],
  name: "app.session",
  store: "one",
};
const OTHER_SECRET = "another secret of these tests, longer than thirty-two characters";

/** Libraries that show that they accept a cookie even if they have no session for it. */
const TAKES_BY_SIGNATURE = ["koa-session", "cookie-session", "cookie-session before 2"];

let warned: MockInstance<typeof console.warn>;
beforeEach(() => {
  warned = vi.spyOn(console, "warn").mockReturnValue();
});
afterEach(async () => {
  warned.mockRestore();
  await closeApps();
});

/** A browser with cookies. */
function createVisitor(base: string, jar = new Map<string, string>()) {
  return {
    jar,
    /** What the app has counted in the session. */
    async visit(): Promise<number> {
      const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join("; ");
      const response = await fetch(base, { headers: cookie === "" ? {} : { cookie } });
      for (const line of response.headers.getSetCookie()) {
        const name = line.slice(0, line.indexOf("="));
        jar.set(name, readCookie(response, name));
      }
      return response.json();
    },
  };
}

const mismatchOf = ({ source }: SettingsApp) => source.mismatches?.now()?.of ?? null;
/** The terminal's lines about settings. */
const lines = () =>
  warned.mock.calls.map(([line]) => String(line)).filter((line) => /is not the app's/.test(line));

describe.each(LIBRARIES)("$library", ({ library, start }) => {
  it("reports no mismatch if the bridge has the app's settings, for a new or old session", async () => {
    const app = await start(RIGHT, RIGHT);
    const visitor = createVisitor(app.base);
    expect([await visitor.visit(), await visitor.visit()]).toEqual([1, 2]);
    expect(mismatchOf(app)).toBeNull();
    expect(lines()).toEqual([]);
  });

  it("finds a secret that the app does not have, says so once, and prints no secret", async () => {
    const app = await start(RIGHT, { ...RIGHT, secrets: [OTHER_SECRET] });
    const visitor = createVisitor(app.base);
    expect([await visitor.visit(), await visitor.visit()]).toEqual([1, 2]);
    expect(mismatchOf(app)).toBe("secret");
    await createVisitor(app.base).visit();
    expect(lines()).toEqual([
      expect.stringMatching(
        /^\[session-bridge\] the bridge's secret is not the app's: .* Pass \w+\(\{ \w+ \}\) /,
      ),
    ]);
    expect(lines()[0]).not.toMatch(/of these tests/);
    for (const value of visitor.jar.values()) expect(lines()[0]).not.toContain(value);
  });

  it("finds that it lacks an older secret that signs a cookie that the app accepts", async () => {
    const before = await start(RIGHT, RIGHT);
    const visitor = createVisitor(before.base);
    await visitor.visit();
    const secrets = [OTHER_SECRET, ...RIGHT.secrets];
    const app = await start({ ...RIGHT, secrets }, { ...RIGHT, secrets: [OTHER_SECRET] });
    const fresh = createVisitor(app.base);
    await fresh.visit();
    expect(mismatchOf(app)).toBeNull();
    await createVisitor(app.base, visitor.jar).visit();
    expect(mismatchOf(app)).toBe(TAKES_BY_SIGNATURE.includes(library) ? "secret" : null);
  });

  it("reports no mismatch for cookies that the app itself refuses: forged, outdated, of another app", async () => {
    const app = await start(RIGHT, RIGHT);
    const other = await start({ ...RIGHT, secrets: [OTHER_SECRET] }, { ...RIGHT, secrets: [OTHER_SECRET] });
    const [visitor, foreign] = [createVisitor(app.base), createVisitor(other.base)];
    await visitor.visit();
    await foreign.visit();
    const changed = [...visitor.jar].map(([name, value]): [string, string] => [name, `${value}x`]);
    const gone = [...foreign.jar].map(([name, value]): [string, string] => [name, value]);
    const crossed = [...visitor.jar].map(([name, value]): [string, string] => [`${name}2`, value]);
    for (const jar of [changed, gone, crossed, [["app.session", "rubbish"]] as [string, string][]]) {
      expect(await createVisitor(app.base, new Map(jar)).visit()).toBe(1);
    }
    expect(await visitor.visit()).toBe(2);
    expect(mismatchOf(app)).toBeNull();
    expect(lines()).toEqual([]);
  });

  it("reports none for a secret that only the bridge still has", async () => {
    const app = await start(RIGHT, { ...RIGHT, secrets: [...RIGHT.secrets, OTHER_SECRET] });
    const other = await start({ ...RIGHT, secrets: [OTHER_SECRET] }, RIGHT);
    const old = createVisitor(other.base);
    await old.visit();
    expect(await createVisitor(app.base, new Map(old.jar)).visit()).toBe(1);
    expect(mismatchOf(app)).toBeNull();
  });
});

it("express-session's cookie of an older secret, which the app accepts and the bridge lacks, is a mismatch even after others matched", async () => {
  const [express] = LIBRARIES;
  const old = RIGHT.secrets[0] ?? "";
  const secrets = [OTHER_SECRET, old];
  const app = await express?.start({ ...RIGHT, secrets }, { ...RIGHT, secrets: [OTHER_SECRET] });
  if (app === undefined) throw new Error("there is no app");
  const visitor = createVisitor(app.base);
  await visitor.visit();
  expect(mismatchOf(app)).toBeNull();
  const [id = ""] = decodeURIComponent(visitor.jar.get(RIGHT.name) ?? "")
    .slice(2)
    .split(".");
  const signature = createHmac("sha256", old).update(id).digest("base64").replace(/=+$/, "");
  visitor.jar.set(RIGHT.name, encodeURIComponent(`s:${id}.${signature}`));
  expect(await visitor.visit()).toBe(2);
  expect(mismatchOf(app)).toBe("secret");
});

it("two stores over one database are no mismatch", async () => {
  const kept = new Map<string, string>();
  class MapStore extends Store {
    override get(id: string, answer: (error?: unknown, value?: unknown) => void): void {
      answer(null, JSON.parse(kept.get(id) ?? "null"));
    }
    override set(id: string, session: unknown, answer?: () => void): void {
      kept.set(id, JSON.stringify(session));
      answer?.();
    }
    override destroy(id: string, answer?: () => void): void {
      kept.delete(id);
      answer?.();
    }
  }
  const app = await startExpress(RIGHT, RIGHT, { app: new MapStore(), bridge: new MapStore() });
  const visitor = createVisitor(app.base);
  expect([await visitor.visit(), await visitor.visit()]).toEqual([1, 2]);
  const cookie = visitor.jar.get(RIGHT.name) ?? "";
  // both stores were called by now: the bridge's result comes from the one that it was given
  expect((await call(app.base, "session", { protocol: 1, cookie })).answer.found).toBe(true);
  expect(mismatchOf(app)).toBeNull();
});

it("is sent to a listening panel when it is found, and when the stream opens", async () => {
  const [express] = LIBRARIES;
  const app = await express?.start(RIGHT, { ...RIGHT, secrets: [OTHER_SECRET] });
  if (app === undefined) throw new Error("there is no app");
  const early = readMismatch(app.base, () => createVisitor(app.base).visit());
  expect(await early).toMatchObject({ of: "secret", why: expect.stringContaining("Pass expressSession") });
  expect(await readMismatch(app.base)).toEqual(await early);
});

/** The first mismatch that the stream tells; `opened` is called when it is open. */
async function readMismatch(base: string, opened = async (): Promise<unknown> => undefined) {
  for await (const event of readEvents(base)) {
    if (event.type === "open") await opened();
    if (event.type === "mismatch") return event.mismatch;
  }
  throw new Error("the stream ended");
}

/** For koa-session without a store, another name is not reported. */
const named = LIBRARIES.filter(({ library }) => library !== "koa-session without a store");

describe.each(named)("$library", ({ start }) => {
  it("finds another name, and names the app's", async () => {
    const app = await start(RIGHT, { ...RIGHT, name: "bridge.session" });
    const visitor = createVisitor(app.base);
    expect([await visitor.visit(), await visitor.visit()]).toEqual([1, 2]);
    expect(app.source.mismatches?.now()).toMatchObject({
      of: "name",
      why: expect.stringContaining('is "app.session", and the bridge reads "bridge.session"'),
    });
    expect(lines()).toHaveLength(1);
  });
});

describe.each(LIBRARIES.filter(({ stored }) => stored))("$library", ({ start }) => {
  it("finds a store in which the app keeps no session", async () => {
    const app = await start(RIGHT, { ...RIGHT, store: "other" });
    const visitor = createVisitor(app.base);
    expect([await visitor.visit(), await visitor.visit()]).toEqual([1, 2]);
    await expect.poll(() => mismatchOf(app)).toBe("store");
    expect(lines()).toHaveLength(1);
  });
});
