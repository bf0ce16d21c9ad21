/** A hostile server on the port that a response names: by the page's own mark, by a picture's, by a frame's (T43). */
import { randomBytes } from "node:crypto";
import type { ServerResponse } from "node:http";
import { expect } from "@playwright/test";
import { expectContents, expectRows, expectText, readContents, readText, SHOWN_MS } from "../panel.ts";
import { answerAsBridge, type RecordingServer, startRecording } from "../recording-server.ts";
import type { Scenario, Stage } from "../scenario.ts";

const NAMED = "tests/e2e/sites/named.ts";
/** Images are hidden unless the user shows them. */
const FILTER = { role: "searchbox", name: "Filter requests" };

/** Says that a bridge on this port made the response. */
const markOf = (port: number): string => `v=1;id=${randomBytes(16).toString("base64url")};at=${port}`;

/** A server that claims to be the bridge, and asks for a token with every other call. */
const startHostile = (stage: Stage, asksForToken = false): Promise<RecordingServer> =>
  startRecording(stage, (path, response) => {
    const claims = { capabilities: ["prove", "read", "traces", "edit"] as const, asksForToken };
    if (!answerAsBridge(path, response, claims)) response.writeHead(404).end();
  });

function answerPage(path: string, response: ServerResponse, headers: Record<string, string>): void {
  if (path !== "/" && path !== "/api") return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": "text/html", ...headers }).end("<p>A page");
}

async function fetchTimes(stage: Awaited<ReturnType<Stage["newPage"]>>, count: number): Promise<void> {
  await stage.evaluate(async (times) => {
    for (let time = 0; time < times; time += 1) await fetch("/api");
    return null;
  }, count);
}

export const namedPorts: readonly Scenario[] = [
  ...[false, true].map(
    (asksForToken): Scenario => ({
      name: `a server on the port that the page's responses name gets neither cookie nor token unless it made them (T43)${asksForToken ? ", if it asks for a token" : ""}`,
      async run(stage) {
        const secret = randomBytes(16).toString("hex");
        const hostile = await startHostile(stage, asksForToken);
        const site = await startRecording(stage, (path, response) =>
          answerPage(path, response, {
            "session-trace": markOf(hostile.port),
            "set-cookie": `sessionid=${secret}; Path=/; HttpOnly`,
          }),
        );
        const page = await stage.newPage();
        await page.goto(`http://localhost:${site.port}/`);
        const panel = await (await page.openTools()).showPanel();
        await page.reload();
        await expectText(panel, /Another server is at the app's port/);
        await fetchTimes(page, 20);
        await expectRows(panel, /GET \/api 200/);
        expect(hostile.calls("hello").length).toBeLessThan(4);
        expect(
          hostile.received.filter((request) => !request.startsWith("POST /__sessions/v1/hello ")),
        ).toEqual([]);
        expect(hostile.received.join()).not.toContain(secret);
        expect(hostile.received.join().toLowerCase()).not.toContain("session-bridge-token");
        expect(await readText(panel)).not.toMatch(/mallory|Token for/);
      },
    }),
  ),
  ...[
    ["a picture", "image"],
    ["a frame", "document"],
  ].map(
    ([what = "", kind = ""]): Scenario => ({
      name: `a port that ${what} of another server names is not called for the page (T43)`,
      async run(stage) {
        const { url } = await stage.startSite(NAMED, { NAME: "ada" });
        const page = await stage.newPage();
        await page.goto(url);
        const panel = await (await page.openTools()).showPanel();
        await expectContents(panel, /owner: "ada"/);
        const hostile = await startHostile(stage);
        const stranger = await startRecording(stage, (path, response) => {
          const isPicture = path.startsWith("/picture");
          const type = isPicture ? "image/svg+xml" : "text/html";
          if (path.startsWith("/__sessions")) return void response.writeHead(404).end();
          response.writeHead(200, { "content-type": type, "session-trace": markOf(hostile.port) });
          response.end(isPicture ? "<svg xmlns='http://www.w3.org/2000/svg'/>" : "<p>A frame");
        });
        await page.evaluate(
          async ([address = "", tag = ""]) => {
            const element = document.createElement(tag);
            const loaded = new Promise((resolve) => {
              element.onload = resolve;
              element.onerror = resolve;
            });
            element.setAttribute("src", address);
            document.body.append(element);
            await loaded;
            return null;
          },
          [
            `http://localhost:${stranger.port}/${kind === "image" ? "picture.svg" : "frame"}`,
            kind === "image" ? "img" : "iframe",
          ],
        );
        if (kind === "image") await panel.fill(FILTER, "kind:image");
        await expectRows(panel, kind === "image" ? /picture\.svg/ : /\/frame/);
        await expect.poll(() => stranger.calls("hello").length, { timeout: SHOWN_MS }).toBeGreaterThan(0);
        expect(hostile.received).toEqual([]);
        expect((await readContents(panel)).join()).toContain('owner: "ada"');
        expect(await readText(panel)).not.toMatch(/mallory/);
      },
    }),
  ),
];
