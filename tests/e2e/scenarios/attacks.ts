/** Pages that attack the bridge from inside a real browser: on another port, and on the site's own origin. */
import { createServer } from "node:http";
import { expect } from "@playwright/test";
import { BRIDGE_PATH, TOKEN_HEADER } from "../../../server-bridge/src/protocol/index.ts";
import type { SitePage } from "../driver.ts";
import type { Scenario, Stage } from "../scenario.ts";

const CALLS = ["hello", "session", "traces", "edit", "expiry", "cycle", "flush", "restore"];
const CANARY = "canary-1f3870be";

export const attacks: readonly Scenario[] = [
  {
    name: "a page on another port reads nothing from the bridge and reaches no session (T2)",
    async run(stage) {
      const { url, page, body, engineCalls } = await openGuarded(stage);
      await page.goto(await startHostile(stage));
      const before = await engineCalls();
      const readable = await page.evaluate(attackFromElsewhere, {
        addresses: addressesOf(url),
        site: url,
        body,
      });
      expect(readable.join("")).toBe("");
      await page.evaluate(submitForm, `${url}${BRIDGE_PATH}flush`);
      await expect.poll(() => page.url(), { message: "the form was sent" }).toContain(BRIDGE_PATH);
      expect(await engineCalls()).toBe(before);
    },
  },
  {
    name: "a script on the site's own origin gets the same response from the bridge as from an unknown address (T5)",
    async run(stage) {
      const { url, page, body, engineCalls } = await openGuarded(stage);
      const before = await engineCalls();
      const answers = await page.evaluate(attackFromWithin, {
        body,
        addresses: addressesOf(url),
        unknown: `${url}/no/such/address`,
        token: TOKEN_HEADER,
      });
      const told = answers.filter((answer) => answer !== "as unknown");
      expect(told).toEqual([]);
      expect(answers.length).toBeGreaterThanOrEqual(CALLS.length * 5);
      expect(await engineCalls()).toBe(before);
      expect(await page.evaluate(readEverything, null)).not.toContain(CANARY);
    },
  },
  {
    name: "a service worker on the site's own origin gets nothing from the bridge either (T5)",
    async run(stage) {
      const { url, page, body, engineCalls } = await openGuarded(stage);
      const before = await engineCalls();
      const answers = await page.evaluate(attackFromServiceWorker, { addresses: addressesOf(url), body });
      expect(answers.length).toBe(CALLS.length);
      for (const answer of answers) expect(answer).toMatch(/^404 /);
      expect(await engineCalls()).toBe(before);
    },
  },
];

function addressesOf(url: string): string[] {
  return CALLS.map((call) => url + BRIDGE_PATH + call);
}

/** A guarded site on which the browser has a session. */
async function openGuarded(stage: Stage) {
  const { url } = await stage.startSite("tests/e2e/sites/guarded.ts");
  const page: SitePage = await stage.newPage();
  await page.goto(url);
  await page.evaluate(async () => {
    await fetch("/login", { method: "POST" });
    return null;
  }, null);
  const cookie = (await stage.driver.cookies(url)).find(({ name }) => name === "sessionid")?.value ?? "";
  expect(cookie).not.toBe("");
  // A body that every call accepts, with the cookie that no page can read: even with that, the attack must fail.
  const body = JSON.stringify({
    ...{ protocol: 1, cookie, cookies: [cookie], ids: [], since: null, process: null },
    ...{
      ifVersion: "0",
      operations: [],
      change: { kind: "seconds", seconds: 1 },
      kept: { cookie, sealed: "" },
      replaces: null,
    },
  });
  return { url, page, body, engineCalls: async () => (await fetch(`${url}/engine-calls`)).text() };
}

/** A page of another port of the same host: same-site, so that even strict cookies are sent. */
async function startHostile(stage: Stage): Promise<string> {
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html><title>Hostile</title>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  stage.later(async () => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return `http://localhost:${address !== null && typeof address === "object" ? address.port : 0}/`;
}

/** Runs in the hostile page: tries everything a page can do, and returns what it could read. */
async function attackFromElsewhere(given: {
  addresses: string[];
  site: string;
  body: string;
}): Promise<string[]> {
  const { addresses, site, body } = given;
  const readable: string[] = [];
  const read = async (url: string, options: RequestInit) => {
    try {
      const response = await fetch(url, { credentials: "include", ...options });
      readable.push(await response.text());
    } catch {
      // not readable, as it must be
    }
  };
  for (const url of addresses) {
    await read(url, {});
    await read(url, { method: "POST", mode: "no-cors", headers: { "content-type": "text/plain" }, body });
    await read(url, { method: "POST", headers: { "content-type": "application/json" }, body });
    await read(url, { method: "PUT", headers: { "x-anything": "1" }, body });
    await read(url, { method: "OPTIONS" });
    navigator.sendBeacon(url, new Blob([body], { type: "text/plain" }));
    for (const tag of ["img", "script", "link", "iframe"]) {
      const element = document.createElement(tag);
      element.setAttribute(tag === "link" ? "href" : "src", url);
      element.setAttribute("rel", "stylesheet");
      document.documentElement.append(element);
    }
    await new Promise((resolve) => {
      const socket = new WebSocket(url.replace("http", "ws"));
      socket.onopen = () => readable.push("a WebSocket opened");
      socket.onmessage = ({ data }) => readable.push(String(data));
      socket.onclose = resolve;
      socket.onerror = resolve;
    });
    await new Promise((resolve) => {
      const source = new EventSource(url, { withCredentials: true });
      source.onmessage = ({ data }) => readable.push(data);
      source.onerror = () => resolve(source.close());
    });
  }
  for (const frame of document.querySelectorAll("iframe")) {
    try {
      readable.push(frame.contentDocument?.body.innerText ?? "");
    } catch {
      // a document of another origin, which the page cannot read
    }
  }
  // This fetch shows that the site is running and that a page can read what it is allowed to.
  await fetch(site, { mode: "no-cors" });
  return readable;
}

/** Runs in the hostile page: a form whose text/plain body is also valid JSON. */
function submitForm(action: string): null {
  const form = document.createElement("form");
  form.method = "post";
  form.enctype = "text/plain";
  form.action = action;
  const field = document.createElement("input");
  field.name = '{"protocol":1,"cookie":"';
  field.value = '"}';
  form.append(field);
  document.documentElement.append(form);
  form.submit();
  return null;
}

/** Runs in a page of the site: compares each response with that of an address that the site does not know. */
async function attackFromWithin(given: {
  body: string;
  addresses: string[];
  unknown: string;
  token: string;
}): Promise<string[]> {
  const { body } = given;
  const json = { "content-type": "application/json" };
  const tries: RequestInit[] = [
    {},
    { method: "POST", headers: json, body },
    { method: "POST", headers: { ...json, [given.token]: "x".repeat(43) }, body },
    // A page cannot set these headers; the browser drops them.
    { method: "POST", headers: { ...json, Origin: `chrome-extension://${"a".repeat(32)}` }, body },
    { method: "POST", headers: { ...json, "Sec-Fetch-Site": "none" }, body, referrerPolicy: "no-referrer" },
    { method: "PUT", headers: json, body },
    { method: "DELETE" },
    { method: "OPTIONS" },
  ];
  const ask = async (url: string, options: RequestInit) => {
    const response = await fetch(url, { ...options, signal: AbortSignal.timeout(3000) });
    return `${response.status} ${(await response.text()).replaceAll(new URL(url).pathname, "…")}`;
  };
  const answers: string[] = [];
  for (const options of tries) {
    const expected = await ask(given.unknown, options);
    for (const url of given.addresses) {
      const answer = await ask(url, options);
      answers.push(answer === expected ? "as unknown" : `${options.method ?? "GET"} ${url}: ${answer}`);
    }
  }
  return answers;
}

/** Runs in a page of the site: everything that its scripts can see. */
function readEverything(): string {
  return [
    document.documentElement.outerHTML,
    document.cookie,
    JSON.stringify(localStorage),
    JSON.stringify(sessionStorage),
  ].join("\n");
}

/** Runs in a page of the site. */
async function attackFromServiceWorker(given: { addresses: string[]; body: string }): Promise<string[]> {
  await navigator.serviceWorker.register("/worker.js");
  const { active } = await navigator.serviceWorker.ready;
  const answers: string[] = [];
  for (const url of given.addresses) {
    const options = {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: given.body,
    };
    answers.push(
      await new Promise((resolve) => {
        const channel = new MessageChannel();
        channel.port1.onmessage = ({ data }) => resolve(String(data));
        active?.postMessage({ url, options }, [channel.port2]);
      }),
    );
  }
  return answers;
}
