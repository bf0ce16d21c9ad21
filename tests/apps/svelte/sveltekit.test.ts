/** The example on SvelteKit: its versions are those that the tests run; in the field, its answers and its production build. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { ROOT } from "../../../scripts/machine/program.ts";
import { call } from "../../sources/panel-client.ts";
import { type SvelteApp, startSvelteDev, startSvelteProduction } from "../svelte-app.ts";

const IS_FIELD = process.env["SESSIONS_FIELD"] === "true";
const MINUTES = 60_000;

it("the example names the versions with which it is tested", async () => {
  const read = async (folder: string) =>
    JSON.parse(await readFile(join(ROOT, folder, "package.json"), "utf8"));
  const { dependencies } = await read("examples/sveltekit");
  const { version: own } = await read("server-bridge");
  const tested = { ...(await read("tests/apps")).dependencies, "session-bridge": own };
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(["@sveltejs/kit", "session-bridge"]));
  for (const [name, version] of Object.entries(dependencies))
    expect([name, tested[name]]).toEqual([name, version]);
});

/** One visitor of the app. */
function createVisitor({ url }: SvelteApp) {
  let cookie = "";
  return async (path: string, form?: Record<string, string>) => {
    const response = await fetch(url + path, {
      method: form === undefined ? "GET" : "POST",
      redirect: "manual",
      headers: { cookie, origin: url, accept: "text/html" },
      ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
    });
    const [line] = response.headers.getSetCookie();
    if (line !== undefined) cookie = line.split(";")[0] ?? "";
    const headers = [...response.headers].map(([name, value]) => [
      name,
      name === "set-cookie" ? value.replace(/=[\w-]*/, "=") : value,
    ]);
    const text = (await response.text()).replaceAll(url, "");
    return { status: response.status, headers, text, isMarked: response.headers.has("session-trace") };
  };
}

/** The same numbers from 0 to 1 each time (xorshift). */
function createChance(): () => number {
  let state = 2_463_534_242;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

const STEPS: [string, Record<string, string>?][] = [
  ["/"],
  ["/"],
  ["/missing"],
  ["/?/login", { username: "john_doe" }],
  ["/?/login", { username: "jane_roe" }],
  ["/?/theme", { theme: "dark" }],
  ["/?/theme", { theme: "light" }],
  ["/?/logout", {}],
  ["/?/unknown", {}],
];

/** What a hundred random requests of two visitors are answered, without what differs between two runs. */
async function answersOf(app: SvelteApp) {
  const visitors = [createVisitor(app), createVisitor(app)];
  const chance = createChance();
  const answers = [];
  await visitors[0]?.("/"); // the bridge opens with the first request
  for (let count = 0; count < 100; count += 1) {
    const [path, form] = STEPS[Math.floor(chance() * STEPS.length)] ?? ["/"];
    const answer = await visitors[Math.floor(chance() * 2)]?.(path, form);
    answers.push({ path, ...answer });
  }
  return answers;
}

/** Headers and texts without the times, ports and folders of a run. */
function steady({ path, status, headers = [], text = "" }: Awaited<ReturnType<typeof answersOf>>[number]) {
  const kept = headers.filter(
    ([name = ""]) =>
      !["session-trace", "date", "x-sveltekit-version", "etag", "content-length"].includes(name),
  );
  const shown = text
    .replace(/\d{13}/g, "")
    .replace(/app-\w{6}/g, "")
    .replace(/library-\w+/g, "");
  return {
    path,
    status,
    headers: kept.map(([name = "", value = ""]) => `${name}: ${value.replace(/:\d{4,5}\b/g, "")}`),
    shown,
  };
}

/** The app without our lines. */
const withoutLines = async (folder: string) => {
  const hooks = join(folder, "src/hooks.server.js");
  const text = await readFile(hooks, "utf8");
  const without = text.replace(/export async function init\(\) \{[\s\S]*?\n\}\n/, "");
  expect(without).not.toBe(text);
  await writeFile(hooks, without);
};

async function started(starting: Promise<SvelteApp>): Promise<SvelteApp> {
  const app = await starting;
  onTestFinished(() => app.stop());
  return app;
}

if (IS_FIELD) {
  it(
    "a hundred requests get the same answers with our lines and without",
    async () => {
      const with_ = await answersOf(await started(startSvelteDev()));
      const without = await answersOf(await started(startSvelteDev({ prepare: withoutLines })));
      expect(with_.map(steady)).toEqual(without.map(steady));
      expect(with_.every(({ isMarked }) => isMarked)).toBe(true);
      expect(without.some(({ isMarked }) => isMarked)).toBe(false);
      expect(new Set(with_.map(({ status }) => status)).size).toBeGreaterThan(2);
    },
    4 * MINUTES,
  );

  it(
    "the production build has no bridge and no mark",
    async () => {
      const app = await started(startSvelteProduction());
      const answers = await answersOf(app);
      expect(answers.filter(({ status }) => status === 303).length).toBeGreaterThan(10);
      expect(answers.some(({ isMarked }) => isMarked)).toBe(false);
      await expect(call(app.url, "hello", { protocol: 1 })).rejects.toThrow();
    },
    4 * MINUTES,
  );

  it(
    "a production build whose lines do not ask for development does not start",
    async () => {
      const always = async (folder: string) => {
        const hooks = join(folder, "src/hooks.server.js");
        await writeFile(hooks, (await readFile(hooks, "utf8")).replace("if (!dev) return;", ""));
      };
      await expect(started(startSvelteProduction({ prepare: always }))).rejects.toThrow(
        /\[session-bridge\].*production/,
      );
    },
    4 * MINUTES,
  );
}
