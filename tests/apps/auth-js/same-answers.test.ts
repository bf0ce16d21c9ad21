/** Random requests of two visitors: with our lines a site answers as without them, and no secret is in what the bridge says. */
import { decode } from "@auth/core/jwt";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { call, readTraces } from "../../sources/panel-client.ts";
import { type Answer, Browser } from "./browser.ts";
import { startOnPostgres } from "./database-site.ts";
import { MAJORS } from "./majors.ts";
import { ACCESS_TOKEN, CANARIES, SECRET } from "./users.ts";

const IS_FIELD = process.env["SESSIONS_FIELD"] === "true";
const REQUESTS = IS_FIELD ? 300 : 100;
const LONG_MS = 300_000;

beforeEach(() => vi.stubEnv("NODE_ENV", "development"));
afterEach(() => vi.unstubAllEnvs());

/** One random act: its place in the list is chosen by `chance`. */
type Act = (browser: Browser, chance: () => number) => Promise<Answer>;

const ACTS: readonly Act[] = [
  (browser) => browser.ask("/"),
  (browser) => browser.ask("/"),
  (browser) => browser.ask("/api/auth/session"),
  (browser) => browser.ask("/api/auth/session"),
  (browser, chance) => browser.logIn("john_doe", { bulk: Math.floor(chance() * 2) * 1_500 }),
  (browser) => browser.logIn("ada"),
  (browser) => browser.logIn("ada", { password: "wrong" }),
  (browser, chance) => browser.update({ theme: chance() < 0.5 ? "dark" : "light" }),
  (browser) => browser.update({ bulk: 0 }),
  (browser) => browser.logOut(),
  (browser) => browser.ask("/api/auth/signout", { csrfToken: "of no one" }),
  (browser) => browser.ask("/api/auth/nothing"),
  // two tabs: both send what the jar has now, and the second answer arrives first
  async (browser) => {
    const [first, second] = await Promise.all([
      browser.send("/api/auth/session"),
      browser.send("/api/auth/session"),
    ]);
    browser.keep(second);
    browser.keep(first);
    return first;
  },
];

/** The same numbers from 0 to 1 for the same seed. */
function createChance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

/** What two visitors are answered, without what is random in it or tells the time; what their last tokens contain. */
async function wander(base: string, acts: readonly Act[], open: (browser: Browser) => Promise<unknown>) {
  const chance = createChance(7);
  const visitors = [new Browser(base), new Browser(base)];
  const seen = [];
  for (let count = 0; count < REQUESTS; count += 1) {
    const browser = visitors[Math.floor(chance() * visitors.length)] ?? new Browser(base);
    const act = acts[Math.floor(chance() * acts.length)] ?? acts[0];
    const answer = await act?.(browser, chance);
    seen.push({
      status: answer?.status,
      headers: answer?.headers.map(([name, value]) => [name, steady(value, base)]),
      body: steady(answer?.body ?? "", base),
      jar: [...browser.jar].map(([name, value]) => [name, steady(value, base).length]),
      token: await open(browser),
    });
  }
  return { seen, visitors };
}

function steady(text: string, base: string): string {
  return text
    .replaceAll(base, "")
    .replaceAll(encodeURIComponent(base), "")
    .replace(/expires=[^;]*/i, "expires=")
    .replace(/(session-token(\.\d)?)=[^;]+/g, (all, name: string) => `${name}=${all.length}`)
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, "…")
    .replace(/[0-9a-f]{64}/g, "…")
    .replace(/^W\/"(\w+)-.*"$/, "$1") // Express makes an ETag of the body
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "…");
}

for (const { major, start, version, name } of MAJORS.filter(({ version: one }) => IS_FIELD || one === 5)) {
  describe(`${REQUESTS} random requests to ${major}`, () => {
    /** What the library itself reads in the browser's token. */
    const open = async (browser: Browser) => {
      const token = browser.possess(name);
      if (token === "" || version === 4) return token.length;
      const payload = await decode({ token, secret: SECRET, salt: name }).catch(() => null);
      return payload && { ...payload, exp: 0, iat: 0, jti: "" };
    };

    it(
      "are answered the same with our lines and without",
      async () => {
        const plain = await start();
        const watched = await start({ bridge: { secret: SECRET, version } });
        const one = await wander(plain.base, ACTS, open);
        const other = await wander(watched.base, ACTS, open);
        expect(other.seen).toEqual(one.seen);
        expect(new Set(one.seen.map(({ body }) => body)).size).toBeGreaterThan(5);
        plain.close();
        watched.close();
      },
      LONG_MS,
    );

    it("leave no secret in traces and lines", async () => {
      const lines: string[] = [];
      const { base, close } = await start({
        bridge: { secret: SECRET, version },
        log: (line) => lines.push(line),
      });
      const john = new Browser(base);
      await john.logIn("john_doe");
      await john.update({ theme: "dark" });
      const token = john.possess(name);
      await john.ask("/");
      const traces = await readTraces(base, [token], (all) =>
        all.some(({ request }) => request.path === "/"),
      );
      const { answer } = await call(base, "hello", { protocol: 1 });
      const said = JSON.stringify([traces, answer, lines]);
      expect(CANARIES.filter((secret) => said.includes(secret))).toEqual([]);
      expect(said).not.toContain(token.slice(0, 200));
      // it was there to be found
      const own = await call(base, "session", { protocol: 1, cookie: token });
      expect(JSON.stringify(own.answer)).toContain(ACCESS_TOKEN);
      close();
    });
  });
}

if (IS_FIELD)
  describe(`${REQUESTS} random requests to a site with sessions in PostgreSQL`, () => {
    it(
      "are answered the same with our lines and without, and leave the same rows",
      async () => {
        const outcome = async (traced: boolean) => {
          const site = await startOnPostgres({ traced });
          const emails = ["john@example.com", "ada@example.com"];
          const acts: Act[] = [
            ...ACTS.slice(0, 4),
            async (browser, chance) => {
              await site.logIn(browser, emails[Math.floor(chance() * 2)] ?? "");
              return browser.ask("/");
            },
            (browser) => browser.logOut(),
          ];
          const { seen } = await wander(site.base, acts, async () => null);
          const { rows } = await site.pool.query('SELECT "userId" FROM sessions ORDER BY id');
          await site.stop();
          return { seen, rows };
        };
        expect(await outcome(true)).toEqual(await outcome(false));
      },
      LONG_MS,
    );
  });
