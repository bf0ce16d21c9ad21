/**
 * Runs inside Firefox as a system module of the parent process. Only this folder knows Firefox's internals.
 *
 * `firefox-call.ts` maps the folder to `resource://sessions-e2e/` and calls one function by name. Arguments and
 * results are JSON. Anything that is not a documented API says where its source is, since a new major version may move it.
 */
import { setTimeout } from "resource://gre/modules/Timer.sys.mjs";
import * as acts from "./acts.mjs";
import * as extension from "./extension.mjs";
import * as tabs from "./tabs.mjs";
import * as toolbox from "./toolbox.mjs";

/** Less than the 60 s after which Marionette gives up without naming the call. */
const CALL_MS = 50_000;

const functions = { ...tabs, ...toolbox, ...acts, ...extension };

/**
 * Calls a function and returns its value or its error as JSON.
 *
 * @param after microseconds; later errors of the extension `id` are included
 */
export async function call({ name, argument, id, after }) {
  const late = new Promise((_, reject) => {
    setTimeout(() => reject(new Error(`no end within ${CALL_MS / 1000} s`)), CALL_MS);
  });
  const outcome = await Promise.race([Promise.resolve().then(() => functions[name](argument)), late]).then(
    (value) => ({ value: value ?? null }),
    (error) => ({ error: error?.message ?? String(error) }),
  );
  return JSON.stringify({ ...outcome, errors: extension.errorsSince(id, after) });
}
