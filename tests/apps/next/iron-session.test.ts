/** iron-session on real Next.js, in `next dev`: the traces, and that the app answers as without it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { call } from "../../sources/panel-client.ts";
import { type NextApp, startNextDev } from "../next-app.ts";
import { EXAMPLE, removeOurLines, startTraced } from "./iron-app.ts";
import { type Answer, COOKIE, sayTrace, tracesOf, Visitor } from "./visitor.ts";
import { describeWaysToRun } from "./ways-to-run.ts";

const IS_WHOLE = process.env["SESSIONS_FIELD"] !== undefined;
const START_MS = 240_000;

let app: NextApp;
beforeAll(async () => {
  app = await startTraced();
}, START_MS);
afterAll(() => app?.stop());

/** Sends requests one after the other. */
async function walk(visitor: Visitor, ...steps: readonly string[]): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const step of steps) {
    const [method = "", path = ""] = step.split(" ");
    answers.push(await visitor.ask(path, method));
  }
  return answers;
}

describe("the bridge attached in instrumentation.ts", () => {
  it(
    "traces route handlers and proxy.ts, with the line that wrote each key",
    async () => {
      const visitor = new Visitor(app.url);
      const answers = await walk(
        visitor,
        "POST /login?user=7",
        "POST /cart?item=tea",
        "GET /who",
        "GET /through",
        "POST /broken",
        "POST /edge",
        "POST /logout",
      );
      const traces = await tracesOf(app.url, answers);
      expect(traces.map(sayTrace)).toEqual([
        "POST /login 200 +userId app/[act]/route.ts:9 create",
        "POST /cart 200 +cart app/[act]/route.ts:13 load save",
        "GET /who 200 load",
        "GET /through 200 +seen proxy.ts:11 load save",
        "POST /broken 500 load",
        "POST /edge 200 ~seen ? load save", // no bridge listens in the Edge runtime
        "POST /logout 200 −userId ? −cart ? −seen ? load flush",
      ]);
      expect(traces[1]?.before?.dataJson).toBe('{"userId":7}');
      expect(traces[1]?.after?.dataJson).toBe('{"userId":7,"cart":["tea"]}');
    },
    START_MS,
  );

  it(
    "answers on the app's own port for iron-session, and reads a session",
    async () => {
      const visitor = new Visitor(app.url);
      await visitor.ask("/login?user=8", "POST");
      const hello = await call(app.url, "hello", { protocol: 1 });
      expect(hello.answer).toMatchObject({
        library: { name: "iron-session" },
        cookieNames: [COOKIE],
        chunked: "whole",
      });
      const { answer } = await call(app.url, "session", { protocol: 1, cookie: visitor.possession });
      expect(answer.found && JSON.parse(answer.session.dataJson)).toEqual({ userId: 8 });
    },
    START_MS,
  );

  it(
    "shows a session of more than 4 KiB, which is in several cookies, and again when it is short",
    async () => {
      const visitor = new Visitor(app.url);
      const answers = await walk(
        visitor,
        "POST /login?user=9",
        "POST /big?length=5000",
        "POST /big?length=8000",
        "POST /big?length=0",
      );
      const traces = await tracesOf(app.url, answers);
      expect(
        traces.map(({ after, cookie }) => [JSON.parse(after?.dataJson ?? "").note?.length, cookie?.name]),
      ).toEqual([
        [undefined, COOKIE],
        [5000, `${COOKIE}.0`],
        [8000, `${COOKIE}.0`],
        [undefined, COOKIE],
      ]);
      expect(traces.flatMap(({ findings }) => findings)).toEqual([]);
      const names = answers.map(({ possession }) => possession.length > 4096);
      expect(names).toEqual([false, true, true, false]);
      for (const { possession } of answers.slice(1)) {
        const { answer } = await call(app.url, "session", { protocol: 1, cookie: possession });
        expect(answer.found && JSON.parse(answer.session.dataJson).userId).toBe(9);
      }
    },
    START_MS,
  );

  it(
    "mixes no two of the requests that several users send at once",
    async () => {
      for (let round = 0; round < (IS_WHOLE ? 5 : 1); round++) {
        const told = await Promise.all(
          Array.from({ length: 50 }, async (_, user) => {
            const steps = [`POST /login?user=${user + 1}`, `POST /cart?item=${round}-${user}`];
            return walk(new Visitor(app.url), ...steps); // a user sends one after the other
          }),
        );
        for (const answers of told) {
          const traces = await tracesOf(app.url, answers);
          const before = [null, ...answers.slice(0, -1).map(({ body }) => body)];
          expect(traces.map((trace) => trace.after?.dataJson)).toEqual(answers.map(({ body }) => body));
          expect(traces.map((trace) => trace.before?.dataJson ?? null)).toEqual(before);
          expect(traces[1]?.changes[0]?.writer).toBe("app/[act]/route.ts:13");
        }
      }
    },
    START_MS,
  );
});

describe("the app", () => {
  let plain: NextApp;
  beforeAll(async () => {
    plain = await startNextDev(EXAMPLE, { prepare: removeOurLines });
  }, START_MS);
  afterAll(() => plain?.stop());

  it(
    "answers random requests of two visitors in the same way with our lines and without",
    async () => {
      const seed = Math.floor(Math.random() * 2 ** 31);
      const both = [await wander(plain.url, seed), await wander(app.url, seed)];
      expect(both[1]?.map(toSteady), `seed ${seed}`).toEqual(both[0]?.map(toSteady));
      expect(both[0]?.filter(({ traceId }) => traceId !== "")).toEqual([]);
      expect(both[1]?.filter(({ traceId }) => traceId === "")).toEqual([]);
    },
    START_MS,
  );
});

if (IS_WHOLE) describeWaysToRun();

const STEPS = [
  "GET /who",
  "POST /login?user=1",
  "POST /login?user=2",
  "POST /cart?item=tea",
  "POST /cart?item=cake",
  "GET /through",
  "POST /big?length=6000",
  "POST /big?length=0",
  "POST /broken",
  "POST /logout",
  ...(IS_WHOLE ? ["GET /missing/page", "GET /shown", "GET /"] : []),
];

/** What differs between two servers in development, whatever they answer: names of their folders, times, and keys of this start. */
const OWN_TO_A_SERVER =
  /<script\b.*?<\/script>|<link rel="preload" as="script"[^>]*>|(?<=\$ACTION_ID_)[0-9a-f]+/gs;

function toSteady({ traceId, possession, body, ...answer }: Answer) {
  return { ...answer, body: body.replace(OWN_TO_A_SERVER, "") };
}

/** The same requests for the same seed (xorshift). */
async function wander(base: string, seed: number): Promise<Answer[]> {
  let state = seed | 1;
  const random = (below: number) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
  const visitors = [new Visitor(base), new Visitor(base)];
  const answers: Answer[] = [];
  for (let count = 0; count < (IS_WHOLE ? 200 : 30); count++) {
    const visitor = visitors[random(visitors.length)];
    const step = STEPS[random(STEPS.length)];
    if (visitor !== undefined && step !== undefined) answers.push(...(await walk(visitor, step)));
  }
  return answers;
}
