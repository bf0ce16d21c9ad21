/** The app answers the same with our line and without it: random requests of two clients. */
import { nextCookies } from "better-auth/next-js";
import { describe, expect, it } from "vitest";
import { type AuthOptions, JANE, JOHN, startApp } from "./app.ts";
import { type Answer, type Visitor, visitorOf } from "./visitor.ts";

type Step = (visitor: Visitor) => Promise<Answer>;

const STEPS: Step[] = [
  (visitor) => visitor.get("/me"),
  (visitor) => visitor.get("/api/auth/get-session"),
  (visitor) => visitor.get("/api/auth/get-session?disableCookieCache=true"),
  (visitor) => visitor.get("/api/auth/list-sessions"),
  (visitor) => visitor.get("/plain"),
  (visitor) => visitor.get("/api/auth/nothing-here"),
  (visitor) => visitor.post("/api/auth/sign-up/email", JOHN),
  (visitor) => visitor.post("/api/auth/sign-in/email", JOHN),
  (visitor) => visitor.post("/api/auth/sign-in/email", { ...JOHN, rememberMe: false }),
  (visitor) => visitor.post("/api/auth/sign-in/email", JANE),
  (visitor) => visitor.post("/api/auth/sign-in/email", { ...JOHN, password: "wrong password" }),
  (visitor) => visitor.post("/api/auth/sign-in/email", { email: 1 }),
  (visitor) => visitor.post("/api/auth/update-user", { name: "John" }),
  (visitor) => visitor.post("/api/auth/update-session", { cart: "boots" }),
  (visitor) => visitor.post("/api/auth/revoke-other-sessions"),
  (visitor) => visitor.post("/api/auth/revoke-sessions"),
  (visitor) => visitor.post("/api/auth/sign-out"),
  async (visitor) => {
    visitor.jar.set("better-auth.session_token", "forged.signature");
    return visitor.get("/me");
  },
];

/** Defines the test. */
export function describeSameAnswers(requests: number): void {
  describe("with the bridge and without it", () => {
    it(`${requests} random requests of two clients get the same answers`, async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const [withBridge, without] = [await play(seed, requests, true), await play(seed, requests, false)];
      expect(withBridge, `seed ${seed}`).toEqual(without);
      expect(without.filter(({ text }) => text.includes("john_doe")).length).toBeGreaterThan(0);
    });

    it("a plugin that wants to be the last is the last, and the library does not warn", async () => {
      const said: string[] = [];
      const logger = { level: "warn", log: (_level: string, line: string) => void said.push(line) } as const;
      const app = await startApp({ auth: { plugins: [nextCookies()], logger } });
      await visitorOf(app.base).get("/me");
      const { options } = await app.auth.$context;
      expect(options.plugins?.map(({ id }) => id)).toEqual(["session-bridge", "next-cookies"]);
      expect(said.filter((line) => line.includes("placed last"))).toEqual([]);
      await app.close();
    });
  });
}

async function play(seed: number, requests: number, bridge: boolean) {
  const chance = createChance(seed);
  const app = await startApp({ auth: AUTH, bridge });
  const visitors = [visitorOf(app.base), visitorOf(app.base)] as const;
  const answers = [];
  for (const first of visitors) answers.push(await first.post("/api/auth/sign-up/email", JOHN));
  for (let n = 0; n < requests; n += 1) {
    const step = STEPS[Math.floor(chance() * STEPS.length)];
    const visitor = visitors[chance() < 0.7 ? 0 : 1];
    if (step) answers.push(await step(visitor));
  }
  await app.close();
  return answers.map((answer) => withoutChance(answer, app.base));
}

const AUTH: AuthOptions = {
  session: {
    updateAge: 0, // each use refreshes the session
    cookieCache: { enabled: true },
    additionalFields: { cart: { type: "string", required: false } },
  },
};

/** Without what differs between any two runs. */
function withoutChance({ status, headers, text }: Answer, base: string) {
  const same = (value: string) =>
    value
      .replaceAll(base, "BASE")
      .replace(/session_data=[\w-]+/g, "session_data=COPY")
      .replace(/\b[A-Za-z0-9]{32}\b(\.[\w%+/=-]+)?/g, "RANDOM")
      .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "TIME");
  const kept = [...headers].filter(([name]) => !["date", "etag", "session-trace"].includes(name));
  return { status, headers: kept.map(([name, value]) => [name, same(value)]), text: same(text) };
}

/** The same numbers from 0 to 1 for the same seed (xorshift). */
function createChance(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
