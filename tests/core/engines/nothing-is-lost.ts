/** Simultaneous requests with one session: everything that each wrote is there afterwards, on every engine, over real HTTP. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Engine } from "../../../server-bridge/src/core/engines/engine.ts";
import { createSessions } from "../../../server-bridge/src/core/sessions.ts";
import { type App, type Handler, startApp } from "./app.ts";

const MANY = 50;
const AT_ONCE = 15;

/** Opens when `count` have arrived. */
class Gate {
  readonly #open = Promise.withResolvers<void>();
  #missing: number;
  constructor(count: number) {
    this.#missing = count;
  }
  async pass(): Promise<void> {
    if (--this.#missing === 0) this.#open.resolve();
    await this.#open.promise;
  }
  open(): void {
    this.#open.resolve();
  }
}

/**
 * @param makers each makes a separate engine over the same store: one for each server, among which requests are spread
 */
export function describeNothingLost(name: string, makers: readonly (() => Engine)[]): void {
  describe(`on ${name}, nothing is lost`, () => {
    const apps: App[] = [];
    let gate = new Gate(1);
    let arrived = Promise.withResolvers<void>();

    beforeAll(async () => {
      for (const make of makers) {
        const sessions = createSessions({ secretKey: "a secret", engine: make() });
        await sessions.migrate();
        apps.push(await startApp(sessions, handle));
      }
    });
    afterAll(() => Promise.all(apps.map((app) => app.stop())));

    const handle: Handler = async ({ url = "/", session }, response) => {
      const { pathname, searchParams } = new URL(url, "http://app");
      const key = searchParams.get("key") ?? "";
      switch (pathname) {
        case "/login":
          session.set("user", 123);
          break;
        case "/add": // reads, waits until all have read, then writes
          session.get("user");
          await gate.pass();
          session.set(key, true);
          break;
        case "/count":
          session.get("n");
          await gate.pass();
          session.change("n", (n) => Number(n ?? 0) + 1);
          break;
        case "/shop":
          session.update({ cart: [], files: {}, user: { id: 1, role: "reader" } });
          break;
        case "/inside": // changes two values inside
          session.set("cart", session.get("cart") ?? []); // as apps do
          await changeInside(session.get("cart"), session.get("files"), key);
          break;
        case "/promote": // changes the user inside
          await promote(session.get("user"));
          break;
        case "/sign-in": // as someone else, without a new key
          session.get("user");
          await gate.pass();
          session.set("user", { id: 2, role: "reader" });
          break;
        case "/slow":
          session.set("late", session.get("user"));
          arrived.resolve();
          await gate.pass();
          break;
        case "/cycle": // reads, waits, then takes a new key
          session.get("user");
          arrived.resolve();
          await gate.pass();
          session.cycleKey();
          break;
        case "/logout":
          await session.flush();
          break;
        default:
      }
      response.end(JSON.stringify(session.toJSON()));
    };

    async function changeInside(cart: unknown, files: unknown, key: string): Promise<void> {
      await gate.pass();
      if (Array.isArray(cart)) cart.push(Number(key));
      Object.assign(Object(files), { [key]: {} });
    }

    async function promote(user: unknown): Promise<void> {
      await gate.pass();
      Object.assign(Object(user), { role: "admin" });
    }

    let turn = 0;
    async function get(path: string, cookie = "") {
      const app = apps[turn++ % apps.length];
      const response = await fetch(`${app?.origin}${path}`, { headers: cookie ? { cookie } : {} });
      const [line = ""] = response.headers.getSetCookie();
      return { status: response.status, text: await response.text(), cookie: line.split(";")[0] ?? "" };
    }
    const login = async () => (await get("/login")).cookie;

    it(`of ${MANY} keys that ${MANY} requests add to one session at the same time`, async () => {
      const cookie = await login();
      gate = new Gate(MANY);
      const names = Array.from({ length: MANY }, (_, n) => `key${n}`);
      const answers = await Promise.all(names.map((key) => get(`/add?key=${key}`, cookie)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const { text } = await get("/", cookie);
      expect(Object.keys(JSON.parse(text)).sort()).toEqual(["user", ...names].sort());
    });

    it(`of ${MANY} additions that ${MANY} requests make to one number at the same time`, async () => {
      const cookie = await login();
      gate = new Gate(MANY);
      await Promise.all(Array.from({ length: MANY }, () => get("/count", cookie)));
      expect(JSON.parse((await get("/", cookie)).text)).toEqual({ user: 123, n: MANY });
    });

    it(`of what ${AT_ONCE} requests put into the same list and the same object at the same time`, async () => {
      const { cookie } = await get("/shop");
      gate = new Gate(AT_ONCE);
      const numbers = Array.from({ length: AT_ONCE }, (_, n) => n);
      const answers = await Promise.all(numbers.map((n) => get(`/inside?key=${n}`, cookie)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
      const { cart, files } = JSON.parse((await get("/", cookie)).text);
      expect(cart.toSorted((one: number, other: number) => one - other)).toEqual(numbers);
      expect(Object.keys(files)).toEqual(numbers.map(String));
    });

    it("of a login: what another request changes inside the earlier user is never the new user's", async () => {
      for (let round = 0; round < 5; round++) {
        const { cookie } = await get("/shop");
        gate = new Gate(2);
        const [promoted, signedIn] = await Promise.all([get("/promote", cookie), get("/sign-in", cookie)]);
        expect(signedIn.status).toBe(200);
        expect([200, 400]).toContain(promoted.status);
        expect(JSON.parse((await get("/", cookie)).text).user).toEqual({ id: 2, role: "reader" });
      }
    });

    it("of a logout: a slow request that ends after it is refused, and the session stays gone", async () => {
      const cookie = await login();
      gate = new Gate(2);
      arrived = Promise.withResolvers();
      const slow = get("/slow", cookie);
      await arrived.promise;
      await get("/logout", cookie);
      gate.open();
      expect(await slow).toMatchObject({ status: 400, cookie: "" });
      for (const { sessions } of apps) {
        const key = sessions.keyOf(cookie.slice(cookie.indexOf("=") + 1)) ?? "";
        expect(await sessions.engine.load(key)).toBeNull();
      }
      expect((await get("/", cookie)).text).toBe("{}");
    });

    it("of a change that is stored while another request takes a new key", async () => {
      const cookie = await login();
      gate = new Gate(2);
      arrived = Promise.withResolvers();
      const cycle = get("/cycle", cookie);
      await arrived.promise;
      const kept = gate;
      gate = new Gate(1);
      await get("/add?key=meanwhile", cookie);
      kept.open();
      const cycled = await cycle;
      expect(cycled.status).toBe(200);
      expect(cycled.cookie).not.toBe(cookie);
      expect(JSON.parse((await get("/", cycled.cookie)).text)).toEqual({ user: 123, meanwhile: true });
      expect((await get("/", cookie)).text).toBe("{}");
    });

    it("of a write that the next request, sent immediately, reads", async () => {
      const cookie = await login();
      for (let round = 0; round < 20; round++) {
        gate = new Gate(1);
        await get(`/add?key=round${round}`, cookie);
        expect(JSON.parse((await get("/", cookie)).text)).toHaveProperty(`round${round}`);
      }
    });
  });
}
