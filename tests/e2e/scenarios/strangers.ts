/** What others in the same browser can send: pages of other sites, and an extension that has access only to the host. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@playwright/test";
import { BRIDGE_PATH } from "../../../server-bridge/src/protocol/index.ts";
import type { SitePage } from "../driver.ts";
import { makeExtension } from "../other-extension.ts";
import { expectContents, expectRows, SHOWN_MS } from "../panel.ts";
import { startRecording } from "../recording-server.ts";
import type { Scenario } from "../scenario.ts";

const CANARY = "canary-1f3870be";
/** The values that cookie-session and koa-session write on a visitor's first request. */
const GUESSES = [{ views: 1 }, { views: 1, _session: true }].map(toBase64);

export const strangers: readonly Scenario[] = [
  {
    name: "no request that a page of another site triggers closes the bridge (T32)",
    inField: ["firefox"],
    async run(stage) {
      const { url } = await stage.startSite("tests/e2e/sites/named.ts", { NAME: "ada" });
      const page = await stage.newPage();
      await page.goto(url);
      const panel = await (await page.openTools()).showPanel();
      await expectContents(panel, /visits: 1\b/);
      const { port } = new URL(url);
      const names = ["localhost.", "[::ffff:127.0.0.1]", "127.0.0.1", "x.localhost"];
      const addresses = names.map((name) => `http://${name}:${port}/x`);
      const elsewhere = await startRecording(stage, (_path, response) => {
        response.setHeader("content-type", "text/html").end(attackingPage(addresses));
      });

      for (const from of ["localhost", "127.0.0.1"]) {
        const other = await stage.newPage();
        await other.goto(`http://${from}:${elsewhere.port}/`);
        const isDone = () => elsewhere.received.some((request) => request.startsWith(`GET /done?${from} `));
        await expect.poll(isDone, { timeout: SHOWN_MS }).toBe(true);
        await expect.poll(() => other.url(), { timeout: SHOWN_MS }).toContain("localhost.");
      }
      const hosts = await readHosts(url);
      for (const name of ["localhost.", "[::ffff:7f00:1]"]) expect(hosts).toContain(`${name}:${port}`);
      await page.show();
      await page.reload();
      await expectRows(panel, /GET \/ 200 .*~visits/);
      await expectContents(panel, /visits: 2\b/);
    },
  },
  {
    name: "an extension with host access that guesses cookies gets no session and no trace (T26)",
    async run(stage) {
      const folder = await mkdtemp(join(tmpdir(), "sessions-shop-"));
      stage.later(() => rm(folder, { recursive: true }));
      const config = join(folder, "config.json");
      await writeFile(config, JSON.stringify({ secret: CANARY }));
      const stranger = await makeExtension(stage, { host_permissions: ["*://localhost/*"] });
      const driver = await stage.startBrowser({ others: [stranger.folder] });
      const page = await driver.newPage();
      const attacker = await driver.newPage();
      await attacker.goto((await driver.originOf(stranger.folder)) + stranger.page);
      const guesses = [...GUESSES, "../config", "..%2Fconfig", "a".repeat(32)];

      const sites = ["cookie-session", "koa-session", "koa-session on files"].map((LIBRARY) => ({
        library: LIBRARY,
        site: stage.startSite("tests/e2e/sites/guessable.ts", { LIBRARY, FOLDER: folder }),
      }));
      for (const { library, site } of [...sites, { library: "own sessions", site: stage.site }]) {
        const told = await attack((await site).url, { page, attacker, guesses });
        expect.soft(told, library).toEqual({ ended: "at the last trace", ids: 3, sessions: [], traces: [] });
        await driver.clearCookies();
      }
      expect(await readFile(config, "utf8")).toBe(JSON.stringify({ secret: CANARY }));
    },
  },
];

function toBase64(data: object): string {
  return Buffer.from(JSON.stringify(data)).toString("base64");
}

async function readHosts(url: string): Promise<string[]> {
  return (await fetch(`${url}/hosts`)).json();
}

interface Attack {
  /** The victim's site. */
  page: SitePage;
  /** The stranger's own. */
  attacker: SitePage;
  guesses: readonly string[];
}

/** The victim visits and logs in; then the stranger's page attacks. */
async function attack(url: string, { page, attacker, guesses }: Attack) {
  for (const path of ["/", "/login", "/"]) await page.goto(url + path);
  return attacker.evaluate(tryGuesses, { url, path: BRIDGE_PATH, guesses: [...guesses] });
}

/**
 * Runs in the stranger's page: sends each guess in every call to the bridge. Its own requests carry the victim's cookie,
 * so it also knows trace ids. The stream is done when it sends the trace of a request without a session.
 */
async function tryGuesses({ url, path, guesses }: { url: string; path: string; guesses: string[] }) {
  const idOf = async (address: string, credentials: RequestCredentials) => {
    const { headers } = await fetch(url + address, { credentials, cache: "no-store" });
    return /id=([\w-]{22})/.exec(headers.get("session-trace") ?? "")?.[1] ?? "no id";
  };
  const call = (name: string, body: object) =>
    fetch(`${url}${path}${name}`, {
      method: "POST",
      credentials: "omit",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ protocol: 1, ...body }),
      signal: AbortSignal.timeout(10_000),
    });
  const sessions: string[] = [];
  const note = async (name: string, body: { cookie: string; [more: string]: unknown }) => {
    const response = await call(name, body);
    const answer = await response.text();
    if (response.ok && !answer.includes('"found":false')) sessions.push(`${name} ${body.cookie}`);
    return answer;
  };
  for (const cookie of guesses) {
    const answer = await note("session", { cookie, keep: true });
    const { version: ifVersion = "0" } = Object(JSON.parse(answer).session);
    await note("edit", { cookie, ifVersion, operations: [{ op: "set", path: ["secret"], valueJson: "1" }] });
    await note("expiry", { cookie, ifVersion, change: { kind: "seconds", seconds: 1 } });
    await note("cycle", { cookie, ifVersion });
    await note("flush", { cookie, ifVersion });
  }
  const ids = [await idOf("/", "include"), await idOf("/login", "include")];
  const last = await idOf("/nothing", "omit");
  const told = {
    ids: [...ids, last].filter((id) => id.length === 22).length,
    sessions,
    traces: [] as string[],
  };
  const response = await call("traces", {
    cookies: guesses,
    ids: [...ids, last],
    since: null,
    process: null,
  });
  let text = "";
  try {
    for await (const chunk of response.body ?? []) {
      text += new TextDecoder().decode(chunk);
      const lines = text.split("\n");
      text = lines.pop() ?? "";
      for (const line of lines) {
        const { trace } = JSON.parse(line);
        if (trace?.id === last) return { ended: "at the last trace", ...told };
        const ofSession = trace && (trace.before ?? trace.after ?? trace.operations[0]) !== undefined;
        if (ofSession) told.traces.push(`${trace.request?.method} ${trace.request?.path}`);
      }
    }
  } catch (error) {
    return { ended: String(error), ...told };
  }
  return { ended: `${response.status} ${text}`, ...told };
}

/** The other site's page: it sends everything, reports to its own server that it is done, and opens the site itself. */
function attackingPage(addresses: readonly string[]): string {
  return `<!doctype html><title>Elsewhere</title><script>
    addEventListener("load", async () => {
      await (${sendEverything})(${JSON.stringify(addresses)});
      await fetch("/done?" + location.hostname);
      location.href = ${JSON.stringify(addresses[0])};
    });
  </script>`;
}

/** Runs in the other site's page: every way in which a page can trigger a request, to each address. */
async function sendEverything(addresses: string[]): Promise<null> {
  const settled: Promise<unknown>[] = [];
  const add = (tag: string, attribute: string, url: string) => {
    const element = document.createElement(tag);
    settled.push(
      new Promise((resolve) => {
        element.onload = resolve;
        element.onerror = resolve;
      }),
    );
    element.setAttribute("rel", "stylesheet");
    element.setAttribute(attribute, url);
    document.documentElement.append(element);
  };
  for (const url of addresses) {
    for (const tag of ["img", "script", "iframe"]) add(tag, "src", url);
    add("link", "href", url);
    navigator.sendBeacon(url, "text");
    // Firefox asks the user before it submits a form to any other host over plain http.
    if (/localhost|127\.0\.0\.1:/.test(url)) {
      const frame = document.createElement("iframe");
      frame.name = `frame${addresses.indexOf(url)}`;
      document.documentElement.append(frame);
      const form = document.createElement("form");
      Object.assign(form, { method: "post", action: url, target: frame.name });
      document.documentElement.append(form);
      form.submit();
    }
    const tries: RequestInit[] = [
      { mode: "no-cors" },
      { mode: "no-cors", method: "POST", body: "text", credentials: "include" },
      { method: "PUT", headers: { "x-forwarded-for": "192.0.2.1", via: "1.1 evil" } },
      { referrerPolicy: "no-referrer" },
    ];
    for (const options of tries) settled.push(fetch(url, options).catch(() => null));
    settled.push(
      new Promise((resolve) => {
        const socket = new WebSocket(url.replace("http", "ws"));
        socket.onclose = resolve;
      }),
      new Promise<void>((resolve) => {
        const source = new EventSource(url);
        source.onerror = () => {
          source.close();
          resolve();
        };
      }),
    );
  }
  await Promise.allSettled(settled);
  return null;
}
