/** A document in Firefox that scenarios work in: a page of the site, the panel, or another page of the extension. */
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { setTimeout as wait } from "node:timers/promises";
import type { Plain, Surface, Target } from "../driver.ts";
import type { Inside } from "./firefox-call.ts";

/** Which document: a tab's page, a view of the extension, or a page of the extension in a tab. */
export interface Place {
  tabId?: number;
  id?: string;
  view?: "devtools_panel" | "devtools_page" | "background";
  /** Path of an extension page that is open in a tab: `options.html`. */
  path?: string;
}

/** Milliseconds that an action waits for its target, as `driver.ts` says. */
const ACTION_TIMEOUT_MS = 15_000;

/** What Firefox says while a document is being replaced by the next one. */
const DOCUMENT_WENT =
  /unloaded|destroyed|currentWindowGlobal|AbortError|scenarioPage is not defined|getActor/i;

const library = readFileSync(
  createRequire(import.meta.url).resolve("@testing-library/dom/dist/@testing-library/dom.umd.min.js"),
  "utf8",
);
const finders = readFileSync(new URL("./firefox-page.js", import.meta.url), "utf8");

/** Turns a promise in the document into JSON of its outcome. */
const settle = (expression: string) => `
  const done = arguments[arguments.length - 1];
  Promise.resolve()
    .then(() => ${expression})
    .then((value) => ({ value }), (error) => ({ error: String(error?.stack ? error + "\\n" + error.stack : error) }))
    .then((outcome) => done(JSON.stringify(outcome)));
`;

/** The surface of one document. It is looked up at each call, so it survives reloads. */
export function createSurface(inside: Inside, place: Place): Surface {
  /** The library stays in a document's sandbox until that document is replaced; then it is injected again. */
  const prepare = async () => {
    const has = await run("typeof globalThis.scenarioPage === 'object'", [], "scenario");
    if (has === true) return;
    await inside("run", {
      place,
      script: `${library}; ${finders}; arguments[arguments.length - 1]("null");`,
      args: [],
      sandbox: "scenario",
    });
  };

  const run = async (expression: string, args: unknown[], sandbox: string | null) => {
    const text = await inside("run", { place, script: settle(expression), args, sandbox });
    const outcome = JSON.parse(String(text)) as { value?: unknown; error?: string }; // written by settle
    if (outcome.error !== undefined) throw new Error(outcome.error);
    return outcome.value;
  };

  const find = async (expression: string, args: unknown[]): Promise<unknown> => {
    for (let tries = 1; ; tries++) {
      try {
        await prepare();
        return await run(expression, args, "scenario");
      } catch (error) {
        if (tries === 3 || !DOCUMENT_WENT.test(String(error))) throw error;
      }
    }
  };

  return {
    async evaluate<A extends Plain, R extends Plain | undefined>(
      body: (argument: A) => R | Promise<R>,
      argument: A,
    ) {
      const value = await run(`(${body.toString()})(arguments[0])`, [argument], null);
      return value as R; // what `body` returned, through JSON
    },
    texts: async (target) => (await find("scenarioPage.texts(arguments[0])", [target])) as string[],
    attributes: async (target, name) =>
      (await find("scenarioPage.attributes(arguments[0], arguments[1])", [target, name])) as (
        | string
        | null
      )[],
    click: (target, options = {}) =>
      retry(`click ${nameOf(target)}`, async () => {
        await prepare();
        const script = "arguments[arguments.length - 1](scenarioPage.aim(arguments[0]));";
        return inside("click", { place, script, args: [target], options });
      }),
    fill: (target, text) =>
      retry(`fill ${nameOf(target)}`, async () => {
        return (
          (await find("scenarioPage.fill(arguments[0], arguments[1])", [target, text])) || "it is not there"
        );
      }),
    press: async (keys) => {
      await inside("press", { place, keys });
    },
    screenshot: async (path) => writePng(path, await inside("png", { place })),
  };
}

export function writePng(path: string, base64: unknown): void {
  writeFileSync(path, Buffer.from(String(base64), "base64"));
}

/** Tries until the action reports success; a document that is being replaced counts as not yet. */
async function retry(what: string, act: () => Promise<unknown>): Promise<void> {
  let last = "";
  for (const end = Date.now() + ACTION_TIMEOUT_MS; Date.now() < end; await wait(40)) {
    try {
      const outcome = await act();
      if (outcome === true) return;
      last = String(outcome);
    } catch (error) {
      last = error instanceof Error ? error.message : String(error);
      if (!DOCUMENT_WENT.test(last)) throw error;
    }
  }
  throw new Error(`[firefox] could not ${what} within 15 s: ${last}`);
}

function nameOf(target: Target): string {
  const { role, name, text, within } = target;
  const parts = [
    role,
    name === undefined ? "" : `"${name}"`,
    text === undefined ? "" : `with text "${text}"`,
  ];
  return parts.filter((part) => part !== "").join(" ") + (within ? ` in ${nameOf(within)}` : "");
}
