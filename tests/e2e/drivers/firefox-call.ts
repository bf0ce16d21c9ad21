/** Calls one function of `firefox-inside/`; every result also brings the extension's new errors. */
import type { Marionette } from "./marionette.ts";

const folder = new URL("./firefox-inside/", import.meta.url).href;

/** Calls a function inside Firefox's parent process. What it throws there is thrown here as an `Error`. */
export type Inside = (name: string, argument?: object) => Promise<unknown>;

export interface ErrorLog {
  lines: string[];
}

/** Makes Firefox load system modules from the folder; a module is loaded once. */
const script = `
  const [folder, request, done] = arguments;
  const resources = Services.io.getProtocolHandler("resource").QueryInterface(Ci.nsIResProtocolHandler);
  if (!resources.hasSubstitution("sessions-e2e")) {
    resources.setSubstitution("sessions-e2e", Services.io.newURI(folder));
  }
  ChromeUtils.importESModule("resource://sessions-e2e/index.mjs").call(request).then(done);
`;

interface Answer {
  value?: unknown;
  error?: string;
  errors: { at: number; text: string }[];
}

/** Creates the caller for one running Firefox; `id` is the extension whose errors go into `log`. */
export function createInside(marionette: Marionette, id: string, log: ErrorLog): Inside {
  let after = 0;
  return async (name, argument = {}) => {
    const reply = await marionette.send("WebDriver:ExecuteAsyncScript", {
      script,
      args: [folder, { name, argument, id, after }],
      sandbox: "system",
    });
    const { value } = reply as { value: string }; // Marionette wraps every result like this
    const answer = JSON.parse(value) as Answer; // written by firefox-inside/index.mjs
    for (const { at, text } of answer.errors) {
      after = Math.max(after, at);
      log.lines.push(text);
    }
    if (answer.error !== undefined) throw new Error(`[firefox] ${name}: ${answer.error}`);
    return answer.value;
  };
}
